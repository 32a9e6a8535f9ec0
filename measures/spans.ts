/** Distributions of the time from one point to another in every job's life, split by the faults of the run. */
import type { Histogram } from "hdr-histogram-js";
import { never, tickNs, type Ledger } from "../history/ledger.ts";
import type { Distribution } from "./contract.ts";
import { distribution, durations, merged } from "./distribution.ts";

/** A job's time, in ticks since the origin; `never` where there is none. */
export type TimeOf = (job: number) => number;

/** Spans, each in the part to which its moment belongs: before the first fault, until the last one was over, after it. */
export interface Spans {
  /** In ticks; `at` since the origin. */
  add(at: number, span: number): void;
  /** @param beside more parts, to be held beside the phases; there are no phases in a run without faults */
  distribution(beside?: Readonly<Record<string, Histogram>>): Distribution;
}

export function byPhase(ledger: Ledger): Spans {
  const { from, to } = troubled(ledger);
  const before = durations();
  const during = durations();
  const after = durations();
  return {
    add(at, span) {
      (at < from ? before : at <= to ? during : after).add(span);
    },
    distribution(beside = {}) {
      const parts = {
        "before faults": before.histogram(),
        "during faults": during.histogram(),
        "after faults": after.histogram(),
      };
      return distribution(merged(Object.values(parts)), { ...(ledger.incidents.length === 0 ? {} : parts), ...beside });
    },
  };
}

/** By priority, to be held beside the phases; none where all jobs are alike. From the intended time of each. */
export function byPriority(
  { columns: { priority, intendedAt }, run }: Ledger,
  until: TimeOf,
): Readonly<Record<string, Histogram>> {
  const spans = run.priorities.map(({ name }) => ({ name, span: durations() }));
  for (let job = 0; job < priority.length; job++) {
    const [intended, end] = [intendedAt[job] ?? never, until(job)];
    if (end !== never && intended !== never) spans[(priority[job] ?? 0) - 1]?.span.add(end - intended);
  }
  return Object.fromEntries(spans.map(({ name, span }) => [`priority ${name}`, span.histogram()]));
}

/**
 * From the intended time of each job: not from when it was sent, or a generator that falls behind would hide the wait.
 * Split by intended time. The part `uncorrected` counts from the real send instead, for comparison.
 */
export function fromIntended(
  ledger: Ledger,
  until: TimeOf,
  {
    uncorrected,
    beside = {},
  }: { readonly uncorrected: boolean; readonly beside?: Readonly<Record<string, Histogram>> },
): Distribution {
  const { intendedAt, sentAt } = ledger.columns;
  const spans = byPhase(ledger);
  const fromSend = durations();
  for (let job = 0; job < intendedAt.length; job++) {
    const intended = intendedAt[job] ?? never;
    const end = until(job);
    if (end === never || intended === never) continue;
    spans.add(intended, end - intended);
    if (uncorrected) fromSend.add(end - (sentAt[job] ?? never));
  }
  return spans.distribution(uncorrected ? { ...beside, uncorrected: fromSend.histogram() } : beside);
}

/** In ticks; a run without faults is all before them. */
function troubled({ incidents }: Ledger): { readonly from: number; readonly to: number } {
  const from = incidents.reduce((first, incident) => Math.min(first, incident.from), Number.POSITIVE_INFINITY);
  const to = incidents.reduce((last, incident) => Math.max(last, incident.to), Number.NEGATIVE_INFINITY);
  return { from: from / tickNs, to: to / tickNs };
}
