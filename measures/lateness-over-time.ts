import { never } from "../history/ledger.ts";
import type { Measure } from "./contract.ts";
import { overTime } from "./over-time.ts";

export const latenessOverTime = {
  about: "How far behind its plan the load generator was in each second. It should stay flat whatever the queue does.",
  measure(ledger) {
    const { sentAt } = ledger.columns;
    return overTime(ledger, (job) => sentAt[job] ?? never);
  },
} satisfies Measure;
