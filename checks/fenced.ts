/**
 * Owns the settlements, and the retries, by a process from which the job had been taken, and all that follows from
 * them.
 */
import { z } from "zod";
import type { Ledger, LifeEvent } from "../history/ledger.ts";
import { repeatsOf, type Repeats, type Stale } from "../history/repeats.ts";
import { secondsBetween } from "./causes.ts";
import type { Check } from "./contract.ts";
import { filesMissing, lifeMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({});

export const fenced: Check<z.infer<typeof options>> = {
  about:
    "A process that was paused or cut off, and lost its job to another meanwhile, settles nothing when it comes back: its word is refused. Else it decides over a run that is not its own. Exposed are jobs whose loser lived on.",
  needs: ["settlements"],
  options,
  neutral: {},
  check(ledger) {
    const found = findings(ledger);
    let outlived = 0;
    for (const { job, repeats } of repeatsOf(ledger)) {
      if (wasOutlived(ledger, repeats)) outlived++;
      for (const stale of repeats.stale) {
        const settled = stale.deed.kind === "accepted";
        found.violation({
          kind: settled ? "settledByStale" : "retriedByStale",
          job,
          doubt: lifeMissing(ledger, job),
          at: settled ? stale.deed.at : retriedAt(ledger.life(job), stale),
          what: () => `Job ${job} ${told(stale)}, and ${settled ? "that was accepted" : "was tried again for that"}.`,
        });
      }
    }
    return found.verdict({ exposed: outlived, counts: {}, missing: filesMissing(ledger, ["worker"]) });
  },
};

const told = ({ run, taker, deed }: Stale): string =>
  `was taken over by process ${taker.incarnation} ${secondsBetween(run, taker)} into its run by process ${run.incarnation}, which ${deed.kind === "accepted" ? "settled" : "failed"} it ${secondsBetween(taker, deed)} later`;

const retriedAt = (life: readonly LifeEvent[], { deed }: Stale): number | undefined =>
  life.find(({ kind, at, attempt }) => kind === "start" && at >= deed.at && attempt === deed.attempt + 1)?.at;

/** The one that lost it was still there to speak. */
const wasOutlived = ({ incarnations }: Ledger, { extras }: Repeats): boolean =>
  extras.some(({ start, earlier, causes }) => {
    if (causes.length === 0 || start.incarnation === earlier.incarnation) return false;
    const loser = incarnations.find(({ incarnation }) => incarnation === earlier.incarnation);
    return loser !== undefined && (loser.exitedAt === undefined || loser.exitedAt > start.at);
  });
