/** The id of a receipt is one job's: owns the id that two acknowledged jobs were given. */
import { z } from "zod";
import { never, tickNs } from "../history/ledger.ts";
import type { Check } from "./contract.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({});

export const receiptsUnique: Check<z.infer<typeof options>> = {
  about:
    "No two acknowledged jobs are given the same id. By its id a job is asked for, cancelled and found among the dead: an id of two leads to the wrong one. A queue that has no ids gives empty ones, and is not judged; that of a `duplicate` is another job's, as it says. Exposed are the acknowledged jobs with an id.",
  needs: [],
  options,
  neutral: {},
  universal: () => ({}),
  check(ledger) {
    const { answeredAt } = ledger.columns;
    const { told, shared } = ledger.receipts;
    const found = findings(ledger);
    for (const jobs of shared) {
      const times = jobs.map((job) => answeredAt[job] ?? never).toSorted((a, b) => a - b);
      found.violation({
        kind: "shared",
        job: jobs[0],
        at: (times[1] ?? never) * tickNs,
        weight: jobs.length,
        what: () =>
          `Jobs ${jobs.slice(0, jobsNamed).join(", ")}${jobs.length > jobsNamed ? ` and ${jobs.length - jobsNamed} more` : ""} were acknowledged under one and the same id.`,
      });
    }
    return found.verdict({ exposed: told, counts: { told }, missing: filesMissing(ledger, ["producer"]) });
  },
};

const jobsNamed = 5;
