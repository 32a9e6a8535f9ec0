import type { Measure } from "./contract.ts";
import { overTime } from "./over-time.ts";
import { sending } from "./times.ts";

export const latenessOverTime = {
  about: "How far behind its plan the load generator was in each second. It should stay flat whatever the queue does.",
  measure: (ledger) => overTime(ledger, sending(ledger)),
} satisfies Measure;
