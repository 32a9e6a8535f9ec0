/**
 * A job in the hands of someone who is well stays there: owns the starts that were taken from a healthy owner at work.
 */
import { z } from "zod";
import { exposedTo } from "../history/exposure.ts";
import { causeNames } from "../history/hits.ts";
import { ownerOf, repeatsOf } from "../history/repeats.ts";
import { admitted, nothingHit, secondsBetween, startedJobs } from "./causes.ts";
import type { Check } from "./contract.ts";
import { filesMissing, lifeMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({ causes: admitted.default(causeNames) });

export const noPrematureReclaim: Check<z.infer<typeof options>> = {
  about:
    "A job is not handed to another process while the one that runs it is alive, not held up, and reaches the store. A lease that runs out under a long job runs it twice at once. Exposed are jobs that ran while anything was wrong with anybody.",
  needs: [],
  options,
  neutral: { causes: causeNames },
  universal: () => ({ causes: causeNames }),
  check(ledger, { causes }) {
    const found = findings(ledger);
    let takenFromTheHit = 0;
    for (const { job, repeats } of repeatsOf(ledger)) {
      for (const extra of repeats.extras) {
        const { start, earlier, taken } = extra;
        const owner = ownerOf(repeats, extra, causes);
        if (owner === "nobody" && taken) takenFromTheHit++;
        if (owner !== "no-premature-reclaim") continue;
        found.violation({
          kind: "takenFromTheHealthy",
          job,
          doubt: lifeMissing(ledger, job),
          at: start.at,
          what: () =>
            `Job ${job} was started by process ${start.incarnation}, ${secondsBetween(earlier, start)} after its start by process ${earlier.incarnation}, and was taken from there, though ${nothingHit(extra)}.`,
        });
      }
    }
    return found.verdict({
      judged: startedJobs(ledger),
      exposed: exposedTo(ledger, "caught", "beside"),
      counts: { takenFromTheHit },
      missing: filesMissing(ledger, ["worker"]),
    });
  },
};
