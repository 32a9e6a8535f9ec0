import type { Measure } from "./contract.ts";
import { fromIntended } from "./spans.ts";
import { finishedAt, lessDelay } from "./times.ts";

export const endToEndLatency = {
  about:
    "From the time at which a job was to be enqueued, and its delay over, until it was settled, retries included; until its last run ended where settlements are not told.",
  measure: (ledger) => fromIntended(ledger, lessDelay(ledger, finishedAt(ledger)), { uncorrected: true }),
} satisfies Measure;
