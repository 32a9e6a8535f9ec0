/** A dead letter is only of use to a person when it says what happened: each entry is held against our own record. */
import { z } from "zod";
import type { Ledger, LifeEvent } from "../history/ledger.ts";
import { deadFieldNames, deadFields, places, type DeadField } from "../history/record.ts";
import type { Check } from "./contract.ts";
import { contradicted, type Letter } from "./dead-letter-facts.ts";
import { lifeMissing, scanMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({
  fields: z.array(z.enum(deadFieldNames)).min(1).readonly().describe("what every entry has to hold, and hold right"),
});

export const deadLetterComplete: Check<z.infer<typeof options>> = {
  about:
    "Every dead-letter entry holds what its reader needs, and each value agrees with the record of the run: the queue's own name, the attempts and errors that there were, a time of its sending and one of its last failure by a clock that nobody had bent, and the process that ran it last. A dead letter that does not say what happened helps nobody. Exposed are the entries.",
  needs: [],
  options,
  neutral: { fields: ["payload"] },
  check(ledger, { fields }) {
    const found = findings(ledger);
    const lacking: Record<string, number> = {};
    let entries = 0;
    for (const { job, life } of ledger.exceptions()) {
      for (const letter of lettersIn(life)) {
        entries++;
        const missing = fields.filter((field) => (letter.place.micros & deadFields[field]) === 0);
        const wrong = contradictedIn(ledger, job, letter).filter(
          (field) => fields.includes(field) && !missing.includes(field),
        );
        const all = [...missing, ...wrong];
        for (const field of all) lacking[`without ${field}`] = (lacking[`without ${field}`] ?? 0) + 1;
        if (all.length === 0) continue;
        found.violation({
          kind: "incomplete",
          job,
          // What the entry lacks by itself no other record could give it.
          doubt: missing.length > 0 ? undefined : lifeMissing(ledger, job),
          what: () => `The dead-letter entry of job ${job} lacks, or has wrong: ${all.join(", ")}.`,
          weight: all.length,
        });
      }
    }
    return found.verdict({ exposed: entries, counts: { entries, ...lacking }, missing: scanMissing(ledger) });
  },
};

/** Each copy as it was found: its place, and what it says beside. */
function lettersIn(life: readonly LifeEvent[]): readonly Letter[] {
  const letters: { place: LifeEvent; enqueued?: LifeEvent; failed?: LifeEvent }[] = [];
  for (const event of life) {
    const last = letters.at(-1);
    if (event.kind === "place" && (event.code & places.dead) !== 0) letters.push({ place: event });
    else if (event.kind === "deadEnqueued" && last !== undefined) last.enqueued = event;
    else if (event.kind === "deadFailed" && last !== undefined) last.failed = event;
  }
  return letters;
}

const contradictedIn = (ledger: Ledger, job: number, letter: Letter): readonly DeadField[] =>
  letter.failed === undefined ? [] : contradicted(ledger, job, letter, letter.failed);
