import type { Measure } from "./contract.ts";
import { fromIntended } from "./spans.ts";
import { acknowledgedAt } from "./times.ts";

export const enqueueLatency = {
  about:
    "From the time at which a job was to be enqueued to its acknowledgement. The uncorrected part counts from when it was really sent.",
  measure: (ledger) => fromIntended(ledger, acknowledgedAt(ledger), { uncorrected: true }),
} satisfies Measure;
