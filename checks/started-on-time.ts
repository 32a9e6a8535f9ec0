/**
 * A job that waits while a hand is free is late, whatever the rest of the queue does. Whose else lateness is says
 * checks/lateness.ts.
 */
import { z } from "zod";
import { forEachFirst } from "../history/waits.ts";
import type { Check } from "./contract.ts";
import { judgeWaits } from "./lateness.ts";

const options = z.strictObject({
  boundMs: z.number().positive().describe("how long a job may wait while a hand is free, ms"),
});

export const startedOnTime: Check<z.infer<typeof options>> = {
  about:
    "A job that was acknowledged is started within the bound, counting the time in which a worker is well and has a hand free, and others that came later are started, or a worker does nothing at all. Not counted is what a fault on a worker that may have had it, and its recovery, explain. Exposed are jobs that would have been found if they had been late by twice the bound.",
  needs: [],
  ofWaiting: true,
  options,
  neutral: { boundMs: 60_000 },
  universal: ({ startMs }) => ({ boundMs: startMs }),
  check: (ledger, { boundMs }) =>
    judgeWaits(ledger, {
      waits: (each) => forEachFirst(ledger, "at once", each),
      which: "handFree",
      boundMs,
      lookMs: 0,
      what: (job) => `Job ${job} was acknowledged`,
    }),
};
