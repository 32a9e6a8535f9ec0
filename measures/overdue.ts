import { lateTimesOf, type Lateness } from "../history/lateness.ts";
import { tickNs, type Ledger } from "../history/ledger.ts";
import { forEachFirst, forEachRetry, type EachWait } from "../history/waits.ts";
import type { Measure } from "./contract.ts";
import { distribution, durations, merged, type Durations } from "./distribution.ts";

/** In any order: how late something is shows within a second. */
const orderNs = 1e9;
/** A backoff at its longest. */
const backoff = { factor: 2, capMs: Number.POSITIVE_INFINITY, jitter: 1 };

export const overdue = {
  about:
    "How long jobs that were due waited though a worker was well and had a hand free, and no fault explains it: first starts, delayed ones and retries, each beside the others, and what of it was spent behind the full hands of whoever started them. The rest of a wait is not in it: most jobs are at 0.",
  measure(ledger) {
    const [started, delayed, retries, behindOthers] = [durations(), durations(), durations(), durations()];
    const add = addedTo(ledger, behindOthers);
    forEachFirst(ledger, "at once", add(started));
    forEachFirst(ledger, "delayed", add(delayed));
    forEachRetry(ledger, backoff, add(retries));
    const parts = { "first starts": started.tally(), "after a delay": delayed.tally(), retries: retries.tally() };
    return distribution(merged(Object.values(parts)), { ...parts, "behind full hands": behindOthers.tally() });
  },
} satisfies Measure;

function addedTo(ledger: Ledger, behindOthers: Durations): (to: Durations) => EachWait {
  const times = lateTimesOf(ledger);
  const { priority } = ledger.columns;
  const none: Lateness = { handFree: 0, behindOthers: 0 };
  return (to) => (job, due, soonest, startedAt, by) => {
    const isLate = times.most(due, startedAt) > 0;
    const late = isLate ? times.of({ due, soonest, startedAt, by, orderNs, priority: priority[job] ?? 0 }) : none;
    to.add(Math.round((late.handFree + late.behindOthers) / tickNs));
    behindOthers.add(Math.round(late.behindOthers / tickNs));
  };
}
