import type { Measure } from "./contract.ts";
import { fromIntended, samplesFromIntended } from "./spans.ts";
import { sending } from "./times.ts";

export const lateness = {
  about:
    "How far behind its plan the load generator sent each job: the harness's own doing, not the system's. Past a limit the run proves nothing.",
  measure: (ledger) => fromIntended(ledger, sending(ledger), { uncorrected: false }),
  eachSample: (ledger, tell) => samplesFromIntended(ledger, sending(ledger), tell),
  oncePerJob: true,
} satisfies Measure;
