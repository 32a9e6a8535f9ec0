import { never } from "../history/ledger.ts";
import type { Measure } from "./contract.ts";
import { durations, msAt } from "./distribution.ts";
import { secondsFrom, ticksPerSecond } from "./seconds.ts";
import { finishedAt } from "./times.ts";

type Line = (number | null)[];

export const latencyOverTime = {
  about:
    "End-to-end latency of the jobs that were to be enqueued in each second. Shows who paid for a fault, and for how long after it was over.",
  measure(ledger) {
    const { intendedAt } = ledger.columns;
    const finished = finishedAt(ledger);
    const seconds = ledger.rates.intended.length;
    const empty = (): Line => Array.from({ length: seconds }, () => null);
    const lines = { p50: empty(), p99: empty(), max: empty() };
    const spans = durations();
    // Jobs are numbered in the order of their intended times, so each second is one stretch of them.
    let second = 0;
    const close = (): void => {
      const histogram = spans.histogram();
      if (histogram.totalCount === 0) return;
      lines.p50[second] = msAt(histogram, 50);
      lines.p99[second] = msAt(histogram, 99);
      lines.max[second] = msAt(histogram, 100);
      spans.reset();
    };
    for (let job = 0; job < intendedAt.length; job++) {
      const intended = intendedAt[job] ?? never;
      const end = finished(job);
      if (intended === never || end === never) continue;
      const at = Math.floor(intended / ticksPerSecond);
      if (at !== second) {
        close();
        second = at;
      }
      spans.add(end - intended);
    }
    close();
    return { kind: "series", unit: "ms", at: secondsFrom(seconds), lines };
  },
} satisfies Measure;
