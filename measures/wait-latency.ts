import type { Measure } from "./contract.ts";
import { byPriority, fromIntended, samplesFromIntended } from "./spans.ts";
import { firstStart, lessDelay } from "./times.ts";

export const waitLatency = {
  about:
    "From the time at which a job was to be enqueued, and its delay over, to the first start of its handler: what a user feels of a queue that is busy or away. One that was taken charge of and never started counts with its age at the end of the run. Where jobs have priorities, a part for each.",
  measure(ledger) {
    const started = lessDelay(ledger, firstStart(ledger));
    return fromIntended(ledger, started, { uncorrected: true, beside: byPriority(ledger, started) });
  },
  eachSample: (ledger, tell) => samplesFromIntended(ledger, lessDelay(ledger, firstStart(ledger)), tell),
  oncePerJob: true,
} satisfies Measure;
