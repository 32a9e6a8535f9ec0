/**
 * What is settled as done has been done: owns the settlement that was accepted while the handler was still at it. Where
 * the handler never came to its end, the job was settled without a run, and is `at-least-once`'s.
 */
import { z } from "zod";
import { exposedTo } from "../history/exposure.ts";
import type { LifeEvent } from "../history/ledger.ts";
import { settledAs } from "../history/record.ts";
import type { Check } from "./contract.ts";
import { filesMissing, lifeMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({});

export const settledAfterEnd: Check<z.infer<typeof options>> = {
  about:
    "A job is settled as done after its handler has come to its end, and not while it runs: settled before, it is lost with the process that dies in between, and its failure is nobody's. A run that took too long may be settled as failed. Exposed are jobs that a fault found in the hands of a process, and those that failed.",
  needs: ["settlements"],
  options,
  neutral: {},
  universal: () => ({}),
  check(ledger) {
    const { acceptedDone, ends } = ledger.columns;
    const found = findings(ledger);
    let settled = 0;
    for (let job = 0; job < acceptedDone.length; job++) if ((acceptedDone[job] ?? 0) > 0) settled++;
    for (const { job, life } of ledger.exceptions()) {
      if (acceptedDone[job] === 0 || ends[job] === 0) continue;
      const early = settledEarly(life);
      if (early === undefined) continue;
      const { start, accepted } = early;
      found.violation({
        kind: "beforeEnd",
        job,
        doubt: lifeMissing(ledger, job),
        at: accepted.at,
        what: () =>
          `Job ${job} was settled as done by process ${accepted.incarnation} ${ms(start, accepted)} after its start there, and its handler ${howItWentOn(life, accepted)}.`,
      });
    }
    return found.verdict({
      judged: settled,
      exposed: exposedTo(ledger, "caught", "failed", "beside"),
      counts: { settled },
      missing: filesMissing(ledger, ["worker"]),
    });
  },
};

/**
 * The first settlement as done by a process that had a run of the job open, and none that had ended well and was not
 * refused. A process writes its own records in their order, and events of one time stay in it; what others did says
 * nothing of it.
 */
function settledEarly(
  life: readonly LifeEvent[],
): { readonly start: LifeEvent; readonly accepted: LifeEvent } | undefined {
  for (const [index, accepted] of life.entries()) {
    if (accepted.kind !== "accepted" || accepted.code !== settledAs.done) continue;
    const before = life.slice(0, index).filter(({ incarnation }) => incarnation === accepted.incarnation);
    const count = (wanted: LifeEvent["kind"]): number => before.filter(({ kind }) => kind === wanted).length;
    const [ended, failed] = [count("end"), count("failed")];
    // Of a run that ended well and whose settlement was refused there is nothing left to accept.
    if (ended > Math.max(0, count("settlementRefused") - failed)) continue;
    const starts = before.filter(({ kind }) => kind === "start");
    const start = starts.length > failed + ended ? starts.at(-1) : undefined;
    if (start !== undefined) return { start, accepted };
  }
  return undefined;
}

const ms = (from: LifeEvent, to: LifeEvent): string => `${((to.at - from.at) / 1e6).toFixed(1)} ms`;

function howItWentOn(life: readonly LifeEvent[], accepted: LifeEvent): string {
  const over = life
    .slice(life.indexOf(accepted))
    .find(({ kind, incarnation }) => incarnation === accepted.incarnation && (kind === "end" || kind === "failed"));
  return over === undefined
    ? "never came to its end there"
    : `${over.kind === "end" ? "ended" : "failed"} ${ms(accepted, over)} later`;
}
