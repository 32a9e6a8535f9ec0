/** Owns the fate `held`: after the last fault and the last job, a queue empties by itself. */
import { z } from "zod";
import { exposedTo } from "../history/exposure.ts";
import { fates, fatesOf, unfinished } from "../history/fates.ts";
import type { Ledger } from "../history/ledger.ts";
import { places, type PlaceName } from "../history/record.ts";
import type { Check } from "./contract.ts";
import { filesMissing, scanMissing } from "./evidence.ts";
import { findings } from "./findings.ts";
import { ownersOfHeld } from "./held.ts";

const options = z.strictObject({});

export const drained: Check<z.infer<typeof options>> = {
  about:
    "Once producers have stopped and faults are over, everything is worked off, and nothing is left behind in the store. A queue that needs a restart to go on, or that fills its store with remains, fails by it. What a fault caught, or what waits while nothing moves at all, is told by recovery-bound and progress. Exposed are jobs that a fault found anywhere, those that failed, and those that came after clients had lost the store.",
  needs: [],
  options,
  neutral: {},
  universal: () => ({}),
  check(ledger) {
    const { of, counts } = fatesOf(ledger);
    const { drain, scan } = ledger;
    const judged = of.length - counts.none;
    const undecided = undecidedDrain(drain);
    if (undecided !== undefined) return { verdict: "unknown", reason: undecided, counts: { held: counts.held } };

    const found = findings(ledger);
    const { place } = ledger.columns;
    const ownerOf = ownersOfHeld(ledger);
    let elsewhere = 0;
    for (let job = 0; job < of.length; job++) {
      const at = (place[job] ?? 0) & unfinished;
      // What was never sent, or refused, is a phantom and not ours.
      if (at === 0 || of[job] === fates.none) continue;
      if (of[job] === fates.held && ownerOf(job) !== "drained") elsewhere++;
      else if (of[job] === fates.held)
        found.violation({ kind: "held", job, what: () => `Job ${job} was still ${placeNames(at)} after the drain.` });
      else
        found.violation({
          kind: "settledYetKept",
          job,
          what: () => `Job ${job} has had its end, but was still ${placeNames(at)} after the drain.`,
        });
    }
    for (const { what, count } of scan?.leftovers ?? []) {
      found.violation({
        kind: "leftovers",
        job: undefined,
        what: () => `Left behind in the store: ${count} × ${what}.`,
      });
    }
    if (drain?.outcome === "stuck" && elsewhere === 0) {
      const what = (): string => `The drain made no more progress after ${drain.seconds.toFixed(1)} s, with jobs left.`;
      found.violation({ kind: "stuck", job: undefined, what, weight: -1 });
    }
    return found.verdict({
      judged,
      exposed: exposedTo(ledger, "caught", "failed", "sending", "stored", "after"),
      counts: { drainSeconds: drain?.seconds ?? 0, ...(elsewhere > 0 && { heldForAnother: elsewhere }) },
      missing: scanMissing(ledger) ?? filesMissing(ledger, ["producer"]),
    });
  },
};

function undecidedDrain(drain: Ledger["drain"]): string | undefined {
  if (drain === undefined) return "the run ended before the drain";
  if (drain.outcome === "late")
    return `the drain was still making progress at its deadline, after ${drain.seconds.toFixed(1)} s`;
  if (drain.outcome === "stopped") return "the drain was stopped";
  if (drain.outcome === "unseen") return `what was left could not be looked at: ${drain.why ?? "nobody knows why"}`;
  return undefined;
}

const placeNames = (bits: number): string => {
  const names: readonly PlaceName[] = ["waiting", "active", "delayed"];
  return names.filter((name) => (bits & places[name]) !== 0).join(" and ");
};
