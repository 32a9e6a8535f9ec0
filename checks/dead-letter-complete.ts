/** A dead letter is only of use to a person when it says what happened: each entry is held against our own record. */
import { z } from "zod";
import { deadFieldNames, deadFields, places } from "../history/record.ts";
import type { Check } from "./contract.ts";
import { scanMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({
  fields: z.array(z.enum(deadFieldNames)).min(1).readonly().describe("what every entry has to hold, and hold right"),
});

export const deadLetterComplete: Check<z.infer<typeof options>> = {
  about:
    "Every dead-letter entry holds what its reader needs, and each value agrees with the record of the run. A dead letter that does not say what happened helps nobody. Exposed are the entries.",
  needs: [],
  options,
  neutral: { fields: ["payload"] },
  check(ledger, { fields }) {
    const found = findings(ledger);
    const lacking: Record<string, number> = {};
    let entries = 0;
    for (const { job, life } of ledger.exceptions()) {
      for (const { kind, code, micros } of life) {
        if (kind !== "place" || (code & places.dead) === 0) continue;
        entries++;
        const missing = fields.filter((field) => (micros & deadFields[field]) === 0);
        for (const field of missing) lacking[`without ${field}`] = (lacking[`without ${field}`] ?? 0) + 1;
        if (missing.length > 0) {
          found.violation({
            kind: "incomplete",
            job,
            what: () => `The dead-letter entry of job ${job} lacks, or has wrong: ${missing.join(", ")}.`,
            weight: missing.length,
          });
        }
      }
    }
    return found.verdict({ exposed: entries, counts: { entries, ...lacking }, missing: scanMissing(ledger) });
  },
};
