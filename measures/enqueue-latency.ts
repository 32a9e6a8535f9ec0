import { never } from "../history/ledger.ts";
import type { Measure } from "./contract.ts";
import { between, fromIntended } from "./spans.ts";
import { acknowledgedAt } from "./times.ts";

export const enqueueLatency = {
  about:
    "From the time at which a job was to be enqueued to its acknowledgement. The uncorrected part counts from when it was really sent.",
  measure(ledger) {
    const { sentAt } = ledger.columns;
    const acknowledged = acknowledgedAt(ledger);
    const uncorrected = between(sentAt.length, (job) => sentAt[job] ?? never, acknowledged);
    return fromIntended(ledger, acknowledged, { uncorrected });
  },
} satisfies Measure;
