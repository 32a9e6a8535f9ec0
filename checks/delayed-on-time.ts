/**
 * A delay is a promise in both directions: not before it is over, which is `delayed-not-early`'s, and not long after.
 */
import { z } from "zod";
import { forEachFirst } from "../history/waits.ts";
import type { Check } from "./contract.ts";
import { judgeWaits } from "./lateness.ts";

const options = z.strictObject({
  boundMs: z.number().positive().describe("how long a job may wait after its delay while a hand is free, ms"),
  lookMs: z
    .number()
    .nonnegative()
    .default(0)
    .describe("how much later than due somebody looks for it: others may get into line before it meanwhile, ms"),
});

export const delayedOnTime: Check<z.infer<typeof options>> = {
  about:
    "A job with a delay is started within the bound after it, counted as for started-on-time. Where the store's clock was set before it was due it is not judged. Exposed are jobs with a delay that would have been found if they had been late by twice the bound.",
  needs: [],
  ofWaiting: true,
  options,
  neutral: { boundMs: 60_000, lookMs: 0 },
  universal: ({ startMs, retryMs }) => ({ boundMs: startMs + retryMs, lookMs: retryMs }),
  check: (ledger, { boundMs, lookMs }) =>
    judgeWaits(ledger, {
      waits: (each) => forEachFirst(ledger, "delayed", each),
      which: "handFree",
      boundMs,
      lookMs,
      what: (job) => `Job ${job} was due when its delay was over`,
    }),
};
