/** Distributions of the time from one point to another in every job's life, split by the faults of the run. */
import type { Histogram } from "hdr-histogram-js";
import { never, tickNs, type Ledger } from "../history/ledger.ts";
import type { Distribution } from "./contract.ts";
import { distribution, durations, merged } from "./distribution.ts";

/** A job's time, in ticks since the origin; `never` where there is none. */
export type TimeOf = (job: number) => number;

/**
 * From the intended time of each job: not from when it was sent, or a generator that falls behind would hide the wait.
 * Split by intended time: before the first fault, from then until the last one was over, and after it.
 * @param beside more parts, to be held beside these
 */
export function fromIntended(
  ledger: Ledger,
  until: TimeOf,
  beside: Readonly<Record<string, Histogram>> = {},
): Distribution {
  const { intendedAt } = ledger.columns;
  const { from, to } = troubled(ledger);
  const before = durations();
  const during = durations();
  const after = durations();
  for (let job = 0; job < intendedAt.length; job++) {
    const intended = intendedAt[job] ?? never;
    const end = until(job);
    if (end === never || intended === never) continue;
    (intended < from ? before : intended <= to ? during : after).add(end - intended);
  }
  const parts = {
    "before faults": before.histogram(),
    "during faults": during.histogram(),
    "after faults": after.histogram(),
  };
  return distribution(merged(Object.values(parts)), { ...(ledger.incidents.length === 0 ? {} : parts), ...beside });
}

/** Of all jobs that have both times. */
export function between(jobs: number, from: TimeOf, until: TimeOf): Histogram {
  const spans = durations();
  for (let job = 0; job < jobs; job++) {
    const begin = from(job);
    const end = until(job);
    if (begin !== never && end !== never) spans.add(end - begin);
  }
  return spans.histogram();
}

/** In ticks; a run without faults is all before them. */
function troubled({ incidents }: Ledger): { readonly from: number; readonly to: number } {
  const from = incidents.reduce((first, incident) => Math.min(first, incident.from), Number.POSITIVE_INFINITY);
  const to = incidents.reduce((last, incident) => Math.max(last, incident.to), Number.NEGATIVE_INFINITY);
  return { from: from / tickNs, to: to / tickNs };
}
