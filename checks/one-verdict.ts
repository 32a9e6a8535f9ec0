/** Owns the second verdict on one job, with the second copy of it that must have been there, and its runs. */
import { z } from "zod";
import { exposedTo } from "../history/exposure.ts";
import { settledAs } from "../history/record.ts";
import type { Ledger, LifeEvent } from "../history/ledger.ts";
import { repeatsOf } from "../history/repeats.ts";
import { damaged } from "./causes.ts";
import type { Check } from "./contract.ts";
import { forgettable } from "./durability.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({});

export const oneVerdict: Check<z.infer<typeof options>> = {
  about:
    "A job is settled for good once: done or dead, by one run. Two verdicts mean that there were two copies of it, such as from an enqueue that was sent twice, or a retry that was written before the old entry was gone. One that a crashed store may have forgotten, as its durability profile allows, is unknown. Exposed are jobs that a fault found in the hands of a process, in the store or on their way, and those that failed.",
  needs: ["settlements"],
  options,
  neutral: {},
  check(ledger) {
    const { acceptedDone, acceptedDead } = ledger.columns;
    const found = findings(ledger);
    let settled = 0;
    for (let job = 0; job < acceptedDone.length; job++)
      if ((acceptedDone[job] ?? 0) + (acceptedDead[job] ?? 0) > 0) settled++;
    for (const { job, repeats } of repeatsOf(ledger)) {
      const { verdicts, stale } = repeats;
      if (verdicts.length < 2 || stale.length > 0) continue;
      const doubt =
        damaged(
          ledger,
          verdicts.map(({ incarnation }) => incarnation),
        ) ?? allForgotten(ledger, verdicts.slice(0, -1));
      found.violation({
        kind: "verdicts",
        job,
        doubt,
        at: verdicts[1]?.at,
        what: () => `Job ${job} was settled for good ${verdicts.length} times: ${verdicts.map(told).join(", then ")}.`,
        weight: verdicts.length,
      });
    }
    return found.verdict({
      judged: settled,
      exposed: exposedTo(ledger, "caught", "failed", "sending", "stored"),
      counts: {},
      missing: filesMissing(ledger, ["worker"]),
    });
  },
};

/** Whatever the store forgot, it has done again. */
function allForgotten(ledger: Ledger, earlier: readonly LifeEvent[]): string | undefined {
  const whys = earlier.map(({ at }) => forgettable(ledger, at));
  return whys.includes(undefined) ? undefined : whys[0];
}

const told = ({ at, incarnation, attempt, code }: LifeEvent): string =>
  `${code === settledAs.dead ? "dead" : "done"} by process ${incarnation}, attempt ${attempt}, at ${(at / 1e9).toFixed(1)} s`;
