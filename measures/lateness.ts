import { never } from "../history/ledger.ts";
import type { Measure } from "./contract.ts";
import { fromIntended } from "./spans.ts";

export const lateness = {
  about:
    "How far behind its plan the load generator sent each job: the harness's own doing, not the system's. Past a limit the run proves nothing.",
  measure(ledger) {
    const { sentAt } = ledger.columns;
    return fromIntended(ledger, (job) => sentAt[job] ?? never, { uncorrected: false });
  },
} satisfies Measure;
