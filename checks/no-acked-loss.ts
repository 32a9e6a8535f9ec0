/** Owns the fate `vanished`: jobs that the system took charge of and that are, in the end, nowhere. */
import { z } from "zod";
import { fates, fatesOf } from "../history/fates.ts";
import { outcomes } from "../history/ledger.ts";
import type { Check } from "./contract.ts";
import { filesMissing, scanMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({});

export const noAckedLoss: Check<z.infer<typeof options>> = {
  about:
    "Every job whose enqueue was acknowledged is, after the drain, done, in the dead-letter place, or still there. It is the first thing that anybody expects of a queue.",
  needs: [],
  options,
  neutral: {},
  check(ledger) {
    const { of, counts, recovered } = fatesOf(ledger);
    const { outcome, starts } = ledger.columns;
    const found = findings(ledger);
    const blind = filesMissing(ledger, ["worker"]) ?? scanMissing(ledger);
    let acknowledged = 0;
    let unknownNeverSeen = 0;
    for (let job = 0; job < of.length; job++) {
      const sent = outcome[job] ?? 0;
      if (sent === outcomes.ok) acknowledged++;
      // Nobody promised anything about an enqueue without an answer that then never ran.
      else if (of[job] === fates.none && (sent === outcomes.unknown || sent === outcomes.unanswered))
        unknownNeverSeen++;
      if (of[job] !== fates.vanished) continue;
      if (blind !== undefined) found.unsure(blind);
      else {
        const ran = (starts[job] ?? 0) === 0 ? "never ran" : "was started but not finished for good";
        const taken = sent === outcomes.ok ? "acknowledged" : "sent without an answer and taken up";
        found.violation({
          kind: "vanished",
          job,
          what: () => `Job ${job} was ${taken}, ${ran}, and is nowhere: not waiting, active, delayed or dead.`,
        });
      }
    }
    return found.verdict({
      exposed: of.length - counts.none,
      counts: { acknowledged, recovered, unknownNeverSeen },
      missing: blind ?? filesMissing(ledger, ["producer"]),
    });
  },
};
