/** Owns the fate `settled without a run`, and the dead that were never tried. */
import { z } from "zod";
import { exposedTo } from "../history/exposure.ts";
import { fates, fatesOf } from "../history/fates.ts";
import { never, tickNs } from "../history/ledger.ts";
import type { Check } from "./contract.ts";
import { filesMissing, scanMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({});

export const atLeastOnce: Check<z.infer<typeof options>> = {
  about:
    "Every job that the system settled as done has a run that finished, and no job is dead without having been tried. A queue that settles what never ran loses work while all its counters look well. Exposed are jobs that a fault found in the hands of a process or in the store, and those that failed.",
  needs: [],
  options,
  neutral: {},
  universal: () => ({}),
  check(ledger) {
    const { of, counts } = fatesOf(ledger);
    const { starts, settledAt } = ledger.columns;
    const found = findings(ledger);
    // Start and end are written before their effects, so only a damaged file can lack one.
    const blind = filesMissing(ledger, ["worker"]);
    for (let job = 0; job < of.length; job++) {
      const fate = of[job];
      const started = starts[job] ?? 0;
      if (fate === fates.settledWithoutRun) {
        const ran = started === 0 ? "no handler ever started it" : `none of its ${started} starts came to an end`;
        found.violation({
          kind: "settledWithoutRun",
          job,
          doubt: blind,
          at: settledAt[job] === never ? undefined : (settledAt[job] ?? 0) * tickNs,
          what: () => `Job ${job} was settled as done, but ${ran}.`,
        });
      } else if (fate === fates.dead && started === 0) {
        found.violation({
          kind: "deadWithoutStart",
          job,
          doubt: blind,
          what: () => `Job ${job} is in the dead-letter place, but no handler ever started it.`,
        });
      }
    }
    const { done, dead, settledWithoutRun } = counts;
    return found.verdict({
      // Where settlements are not told, done means that a run ended: nothing that could be contradicted.
      judged: (ledger.run.tellsSettlements ? done + settledWithoutRun : 0) + dead,
      exposed: exposedTo(ledger, "caught", "failed", "stored"),
      counts: { done, dead },
      missing: blind ?? filesMissing(ledger, ["producer"]) ?? scanMissing(ledger),
    });
  },
};
