/**
 * A backoff is a promise in both directions: not before it is over, which is `retry-not-early`'s, and not long after.
 */
import { z } from "zod";
import { forEachRetry } from "../history/waits.ts";
import type { Check } from "./contract.ts";
import { judgeWaits } from "./lateness.ts";

const options = z.strictObject({
  boundMs: z.number().positive().describe("how long a retry may wait after its backoff while a hand is free, ms"),
  lookMs: z
    .number()
    .nonnegative()
    .default(0)
    .describe("how much later than due somebody looks for it: others may get into line before it meanwhile, ms"),
  factor: z.number().min(1).default(2).describe("how the wait grows from one retry to the next"),
  capMs: z.number().positive().optional().describe("the longest wait, where it does not grow for ever, ms"),
  jitter: z
    .number()
    .nonnegative()
    .default(1)
    .describe("a wait may be that much longer than it would be, to spread retries: 0.5 is half as much again"),
});

export const retryOnTime: Check<z.infer<typeof options>> = {
  about:
    "A failed job is tried again within the bound after its backoff, counted as for started-on-time: from when whoever had it had surely said that it failed. Where the store's clock was set before it was due it is not judged. Exposed are retries that would have been found if they had been late by twice the bound.",
  needs: [],
  ofWaiting: true,
  options,
  neutral: { boundMs: 60_000, lookMs: 0, factor: 2, jitter: 1 },
  universal: ({ startMs, retryMs }) => ({ boundMs: startMs + retryMs, lookMs: retryMs, factor: 2, jitter: 1 }),
  check: (ledger, { boundMs, lookMs, factor, capMs = Number.POSITIVE_INFINITY, jitter }) =>
    judgeWaits(ledger, {
      waits: (each) => forEachRetry(ledger, { factor, capMs, jitter }, each),
      which: "either",
      boundMs,
      lookMs,
      what: (job) => `Job ${job} was due when its backoff was over`,
    }),
};
