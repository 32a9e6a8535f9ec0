/** Nothing runs, and nothing is kept, that nobody enqueued; and what runs is what was enqueued, byte for byte. */
import { z } from "zod";
import { exposedTo } from "../history/exposure.ts";
import { outcomes, tickNs } from "../history/ledger.ts";
import { noJob } from "../history/record.ts";
import type { Check } from "./contract.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({});

export const noPhantom: Check<z.infer<typeof options>> = {
  about:
    "Every delivery and every dead letter carries exactly the payload of a job that was sent and not refused. Work that nobody ordered, or that arrives changed, is worse than none. Exposed are jobs that a fault found in the hands of a process, in the store or on their way, and those that failed.",
  needs: [],
  options,
  neutral: {},
  universal: () => ({}),
  check(ledger) {
    const { outcome, starts, firstStartAt, place, acceptedDone, acceptedDead } = ledger.columns;
    const found = findings(ledger);
    // The record of a sending, or of another one, is in a producer's file, or it was not sent.
    const doubt = filesMissing(ledger, ["producer"]);
    for (const { job, incarnation, at, where } of ledger.corrupt) {
      const known = job === noJob ? undefined : job;
      const what =
        known === undefined
          ? "A payload that belongs to no job"
          : `A payload that is not what was sent as job ${known}`;
      const place = where === "handler" ? `was handed to process ${incarnation}` : "was found by the final scan";
      found.violation({ kind: "corrupt", job: known, at, what: () => `${what} ${place}.` });
    }
    let seen = 0;
    for (let job = 0; job < outcome.length; job++) {
      const started = starts[job] ?? 0;
      const settled = (acceptedDone[job] ?? 0) + (acceptedDead[job] ?? 0) > 0;
      if (started === 0 && place[job] === 0 && !settled) continue;
      seen++;
      const at = started > 0 ? (firstStartAt[job] ?? 0) * tickNs : undefined;
      const did = started > 0 ? "was run" : settled ? "was settled" : "is in the system";
      if (outcome[job] === outcomes.notSent) {
        found.violation({
          kind: "neverSent",
          job,
          at,
          doubt,
          what: () => `Job ${job} ${did}, but nobody had sent it.`,
        });
      } else if (outcome[job] === outcomes.refused) {
        found.violation({
          kind: "refused",
          job,
          at,
          doubt,
          what: () => `Job ${job} ${did}, although its enqueue was refused for certain.`,
        });
      }
    }
    return found.verdict({
      judged: seen,
      exposed: exposedTo(ledger, "caught", "failed", "sending", "stored"),
      counts: { seen },
      missing: doubt ?? filesMissing(ledger, ["worker", "harness"]),
    });
  },
};
