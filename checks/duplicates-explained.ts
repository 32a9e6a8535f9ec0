/**
 * At least once allows a job to run again only for a reason: someone who held it died, stood still or lost its link.
 * A process that had received a job without starting it leaves no record, and needs none: the next start is the first.
 * Owns the repeats that no other check does (history/repeats.ts).
 */
import { z } from "zod";
import { exposedTo } from "../history/exposure.ts";
import { causeNames, type CauseName } from "../history/hits.ts";
import { causeOf, ownerOf, repeatsOf } from "../history/repeats.ts";
import { admitted, nothingHit, secondsBetween, startedJobs } from "./causes.ts";
import type { Check } from "./contract.ts";
import { filesMissing, lifeMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({ causes: admitted });

export const duplicatesExplained: Check<z.infer<typeof options>> = {
  about:
    "A job is started again only as a retry of a failed attempt, or because the process that held it was hit by a fault. At least once is no licence to run things twice for nothing. Exposed are jobs that a fault found in the hands of a process, in the store or on their way, and those that failed.",
  needs: [],
  options,
  neutral: { causes: causeNames },
  universal: () => ({ causes: causeNames }),
  check(ledger, { causes }) {
    const found = findings(ledger);
    const explained: Partial<Record<CauseName, number>> = {};
    let extraStarts = 0;
    for (const { job, repeats } of repeatsOf(ledger)) {
      for (const extra of repeats.extras) {
        extraStarts++;
        const cause = causeOf(extra, causes);
        if (cause !== undefined) explained[cause] = (explained[cause] ?? 0) + 1;
        if (ownerOf(repeats, extra, causes) !== "duplicates-explained") continue;
        const { start, earlier, settledBefore } = extra;
        const doubt = lifeMissing(ledger, job);
        if (settledBefore) {
          found.violation({
            kind: "startedAfterSettlement",
            job,
            doubt,
            at: start.at,
            what: () =>
              `Job ${job} was settled for good, and then started again as attempt ${start.attempt}, though ${nothingHit(extra)}.`,
          });
        } else {
          found.violation({
            kind: "unexplained",
            job,
            doubt,
            at: start.at,
            what: () =>
              `Job ${job} was started again as attempt ${start.attempt}, ${secondsBetween(earlier, start)} after its start before, though ${nothingHit(extra)}.`,
          });
        }
      }
    }
    return found.verdict({
      judged: startedJobs(ledger),
      exposed: exposedTo(ledger, "caught", "failed", "sending", "stored"),
      counts: {
        extraStarts,
        ...Object.fromEntries(Object.entries(explained).map(([cause, count]) => [counterOf(cause), count])),
      },
      missing: filesMissing(ledger, ["worker"]),
    });
  },
};

/** `afterCutOff` */
const counterOf = (cause: string): string =>
  `after-${cause}`.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
