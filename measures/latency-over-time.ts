import type { Measure } from "./contract.ts";
import { overTime } from "./over-time.ts";
import { finish, lessDelay } from "./times.ts";

export const latencyOverTime = {
  about:
    "End-to-end latency of the jobs that were to be enqueued in each second; one that never ended counts with its age at the end of the run. Shows who paid for a fault, and for how long after it was over.",
  measure: (ledger) => overTime(ledger, lessDelay(ledger, finish(ledger))),
} satisfies Measure;
