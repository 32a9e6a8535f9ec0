/** What all lives of a fleet have counted, added up. */
import type { JobCounts } from "./messages.ts";

interface Counted {
  readonly exited: boolean;
  readonly counts: JobCounts;
}

export const tally = (all: readonly Counted[]): JobCounts => ({
  sent: total(all, "sent"),
  acknowledged: total(all, "acknowledged"),
  duplicate: total(all, "duplicate"),
  refused: total(all, "refused"),
  unknown: total(all, "unknown"),
  started: total(all, "started"),
  ended: total(all, "ended"),
  failed: total(all, "failed"),
  failedForGood: total(all, "failedForGood"),
  settled: total(all, "settled"),
  // The dead are behind no more.
  behindMs: Math.max(0, ...all.filter(({ exited }) => !exited).map(({ counts }) => counts.behindMs)),
});

const total = (all: readonly Counted[], name: keyof JobCounts): number =>
  all.reduce((soFar, { counts }) => soFar + counts[name], 0);
