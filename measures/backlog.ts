import { never, type Ledger } from "../history/ledger.ts";
import type { Measure } from "./contract.ts";
import { secondsFrom, ticksPerSecond } from "./seconds.ts";
import type { TimeOf } from "./spans.ts";
import { acknowledgedAt, finishedAt } from "./times.ts";

export const backlog = {
  about:
    "Jobs that the system had accepted and not yet settled, waiting or running, at the end of each second. What piles up during a fault, and how fast it is worked off.",
  measure(ledger) {
    const seconds = ledger.rates.intended.length;
    const { firstStartAt } = ledger.columns;
    const acknowledged = acknowledgedAt(ledger);
    const finished = throughAt(ledger);
    const change = new Int32Array(seconds + 1);
    const secondOf = (ticks: number): number => Math.min(seconds, Math.floor(ticks / ticksPerSecond));
    for (let job = 0; job < firstStartAt.length; job++) {
      // An acknowledgement may be on file after the start, or never; a job that runs was taken up.
      const from = Math.min(acknowledged(job), firstStartAt[job] ?? never);
      if (from === never) continue;
      change[secondOf(from)]!++;
      const to = finished(job);
      if (to !== never) change[secondOf(Math.max(from, to))]!--;
    }
    let waiting = 0;
    const line = secondsFrom(seconds).map((second) => (waiting += change[second] ?? 0));
    return { kind: "series", unit: "jobs", at: secondsFrom(seconds), lines: { backlog: line } };
  },
} satisfies Measure;

/** Also of the dead, where the system does not tell: their last failure. */
function throughAt(ledger: Ledger): TimeOf {
  const finished = finishedAt(ledger);
  if (ledger.run.tellsSettlements) return finished;
  const lastFailure = new Map<number, number>();
  for (const { job, life } of ledger.exceptions()) {
    if ((ledger.columns.deadCopies[job] ?? 0) === 0) continue;
    const failure = life.findLast(({ kind }) => kind === "failed");
    if (failure !== undefined) lastFailure.set(job, (failure.at / 1e9) * ticksPerSecond);
  }
  return (job) => lastFailure.get(job) ?? finished(job);
}
