import type { Measure } from "./contract.ts";
import { overTime } from "./over-time.ts";
import { finishedAt, lessDelay } from "./times.ts";

export const latencyOverTime = {
  about:
    "End-to-end latency of the jobs that were to be enqueued in each second. Shows who paid for a fault, and for how long after it was over.",
  measure: (ledger) => overTime(ledger, lessDelay(ledger, finishedAt(ledger))),
} satisfies Measure;
