/** What a distribution looks like second by second: the jobs that were to be enqueued in each. */
import { ticksPerSecond, type Ledger } from "../history/ledger.ts";
import type { Series } from "./contract.ts";
import { durations, msAt } from "./distribution.ts";
import { secondsFrom } from "./seconds.ts";
import { forEachJob, type LatencySpan } from "./spans.ts";

type Line = (number | null)[];

/**
 * From the intended time of each job; null for a second in which no job has both times. What was never over counts with
 * its age.
 */
export function overTime(ledger: Ledger, stretch: LatencySpan) {
  const seconds = ledger.rates.intended.length;
  const empty = (): Line => Array.from({ length: seconds }, () => null);
  const lines = { p50: empty(), p99: empty(), max: empty() };
  const spans = durations();
  // Jobs are numbered in the order of their intended times, so each second is one stretch of them.
  let second = 0;
  const close = (): void => {
    const { over: histogram } = spans.tally();
    if (histogram.totalCount === 0) return;
    lines.p50[second] = msAt(histogram, 50);
    lines.p99[second] = msAt(histogram, 99);
    lines.max[second] = msAt(histogram, 100);
    spans.reset();
  };
  forEachJob(ledger, stretch, (_, intended, end) => {
    const at = Math.floor(intended / ticksPerSecond);
    if (at !== second) {
      close();
      second = at;
    }
    spans.add(end - intended);
  });
  close();
  return { kind: "series", unit: "ms", at: secondsFrom(seconds), lines } satisfies Series;
}
