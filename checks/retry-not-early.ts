/**
 * A backoff is a promise to whatever made the job fail: judged by the store's own clock, which is what systems wait by.
 */
import { z } from "zod";
import { mayHavePassed } from "../history/store-clock.ts";
import type { Check } from "./contract.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({
  factor: z.number().min(1).default(2).describe("how the wait grows from one retry to the next"),
  capMs: z.number().positive().optional().describe("the longest wait, where it does not grow for ever, ms"),
});

export const retryNotEarly: Check<z.infer<typeof options>> = {
  about:
    "A failed job is not tried again before its backoff has passed by the store's clock; the wait grows with each retry. Retries that come too early finish off whatever they failed on. Exposed are jobs that were tried again.",
  needs: [],
  options,
  neutral: { factor: 2 },
  check(ledger, { factor, capMs = Number.POSITIVE_INFINITY }) {
    const found = findings(ledger);
    const { failures } = ledger.columns;
    const { backoffMs } = ledger.run;
    // A failure that is not on file may have been sooner, and an answer of the store's clock may have been another.
    const missing = filesMissing(ledger, ["worker", "harness"]);
    let judged = 0;
    let unjudged = 0;
    let exposed = 0;
    for (const { job, life } of ledger.exceptions()) {
      if ((failures[job] ?? 0) === 0) continue;
      let judgedHere = 0;
      for (const [index, failed] of life.entries()) {
        if (failed.kind !== "failed") continue;
        // Of several failures of one attempt, the first is the one that may have been accepted.
        if (life.slice(0, index).some(({ kind, attempt }) => kind === "failed" && attempt === failed.attempt)) continue;
        const next = life
          .slice(index + 1)
          .find(({ kind, attempt }) => kind === "start" && attempt === failed.attempt + 1);
        if (next === undefined) continue;
        const waitMs = Math.min(backoffMs * factor ** (failed.attempt - 1), capMs);
        const passed = mayHavePassed(ledger.storeClock, failed.at, next.at, waitMs);
        if (passed === undefined) {
          unjudged++;
          continue;
        }
        judgedHere++;
        if (passed) continue;
        const waited = (next.at - failed.at) / 1e6;
        found.violation({
          kind: "early",
          job,
          doubt: missing,
          at: next.at,
          what: () =>
            `Job ${job} was started as attempt ${next.attempt} ${waited.toFixed(0)} ms after attempt ${failed.attempt} had failed; its backoff was ${waitMs} ms, and had not passed by the store's clock.`,
          weight: waitMs - waited,
        });
      }
      judged += judgedHere;
      if (judgedHere > 0) exposed++;
    }
    return found.verdict({
      exposed,
      counts: { judged, unjudged },
      missing: unjudged > 0 && judged === 0 ? clockUnknown(unjudged, "retries") : missing,
    });
  },
};

/** Nobody asked the store for its time near any of them. */
export const clockUnknown = (unjudged: number, what: string): string =>
  `what the store's clock said is not known at any of the ${unjudged} ${what}`;
