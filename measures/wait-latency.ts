import { never } from "../history/ledger.ts";
import type { Measure } from "./contract.ts";
import { byPriority, fromIntended } from "./spans.ts";
import { lessDelay } from "./times.ts";

export const waitLatency = {
  about:
    "From the time at which a job was to be enqueued, and its delay over, to the first start of its handler: what a user feels of a queue that is busy or away. Where jobs have priorities, a part for each.",
  measure(ledger) {
    const { firstStartAt } = ledger.columns;
    const started = lessDelay(ledger, (job) => firstStartAt[job] ?? never);
    return fromIntended(ledger, started, { uncorrected: true, beside: byPriority(ledger, started) });
  },
} satisfies Measure;
