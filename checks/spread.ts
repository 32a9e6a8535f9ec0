/**
 * Nobody takes more than it can do while others do nothing. What a worker has read ahead is not on record, so it is
 * inferred: what it started in the end, and what had waited while its hands were full and another's were not, lay with
 * it, or might as well have.
 */
import { z } from "zod";
import { forEachFirst } from "../history/waits.ts";
import type { Check } from "./contract.ts";
import { judgeWaits } from "./lateness.ts";

const options = z.strictObject({
  boundMs: z
    .number()
    .positive()
    .describe("how long a worker may have a hand free while a job waits for the full hands of another, ms"),
  lookMs: z
    .number()
    .nonnegative()
    .default(0)
    .describe("how much later than due somebody looks for a job with a delay: others may get into line before it, ms"),
});

export const spread: Check<z.infer<typeof options>> = {
  about:
    "No worker is idle for longer than the bound while jobs wait for the full hands of another, which has read ahead more than it can do: counted for each job at its first start, by who started it in the end, as for started-on-time. Exposed are jobs that waited for full hands while another worker had one free.",
  needs: [],
  ofWaiting: true,
  options,
  neutral: { boundMs: 60_000, lookMs: 0 },
  universal: ({ startMs, retryMs }) => ({ boundMs: startMs + retryMs, lookMs: retryMs }),
  check: (ledger, { boundMs, lookMs }) =>
    judgeWaits(ledger, {
      waits: (each) => forEachFirst(ledger, "at once", each) + forEachFirst(ledger, "delayed", each),
      which: "behindOthers",
      boundMs,
      lookMs,
      what: (job) => `Job ${job} was due`,
    }),
};
