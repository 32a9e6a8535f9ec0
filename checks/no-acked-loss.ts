/** Owns the fate `vanished`: jobs that the system took charge of and that are, in the end, nowhere. */
import { z } from "zod";
import { exposedTo } from "../history/exposure.ts";
import { fates, fatesOf } from "../history/fates.ts";
import { never, outcomes, tickNs, type Ledger } from "../history/ledger.ts";
import type { Check } from "./contract.ts";
import { forgettable } from "./durability.ts";
import { filesMissing, scanMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({});

export const noAckedLoss: Check<z.infer<typeof options>> = {
  about:
    "Every job whose enqueue was acknowledged is, after the drain, done, in the dead-letter place, or still there. It is the first thing that anybody expects of a queue. What a store that crashed may have forgotten, as its durability profile allows, is unknown. Exposed are jobs that a fault found in the hands of a process, in the store or on their way, and those that failed.",
  needs: [],
  options,
  neutral: {},
  universal: () => ({}),
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
      const doubt = blind ?? forgettable(ledger, knownToStoreAt(ledger, job));
      const ran = (starts[job] ?? 0) === 0 ? "never ran" : "was started but not finished for good";
      const taken = sent === outcomes.ok ? "acknowledged" : "sent without an answer and taken up";
      found.violation({
        kind: "vanished",
        job,
        doubt,
        what: () => `Job ${job} was ${taken}, ${ran}, and is nowhere: not waiting, active, delayed or dead.`,
      });
    }
    return found.verdict({
      judged: of.length - counts.none,
      exposed: exposedTo(ledger, "caught", "failed", "sending", "stored"),
      counts: { acknowledged, recovered, unknownNeverSeen },
      missing: blind ?? filesMissing(ledger, ["producer"]),
    });
  },
};

/** ns since origin by which the store had surely taken it; of an enqueue without an answer, its first start tells. */
function knownToStoreAt({ columns: { outcome, answeredAt, firstStartAt } }: Ledger, job: number): number {
  const at = outcome[job] === outcomes.ok ? answeredAt[job] : firstStartAt[job];
  return at === undefined || at === never ? Number.NaN : at * tickNs;
}
