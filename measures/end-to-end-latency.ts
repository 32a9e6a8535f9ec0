import type { Measure } from "./contract.ts";
import { byPriority, fromIntended, samplesFromIntended } from "./spans.ts";
import { finish, lessDelay } from "./times.ts";

export const endToEndLatency = {
  about:
    "From the time at which a job was to be enqueued, and its delay over, until it was settled, retries included; until its last run ended where settlements are not told. One that was lost, or left lying, counts with its age at the end of the run. Where jobs have priorities, a part for each.",
  measure(ledger) {
    const finished = lessDelay(ledger, finish(ledger));
    return fromIntended(ledger, finished, { uncorrected: true, beside: byPriority(ledger, finished) });
  },
  eachSample: (ledger, tell) => samplesFromIntended(ledger, lessDelay(ledger, finish(ledger)), tell),
  oncePerJob: true,
} satisfies Measure;
