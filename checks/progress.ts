/**
 * While there is work that is due, a store, and someone well to do it, something is started now and then. Counted in whole
 * seconds, so a stretch may in truth be longer by two, never shorter. Jobs that never start are for others to say.
 */
import { z } from "zod";
import { dueTimes, waitingBySecond } from "../history/waiting.ts";
import type { Check } from "./contract.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";
import { ableSeconds, longestWaiting } from "./standstill.ts";

const options = z.strictObject({
  boundMs: z
    .number()
    .positive()
    .describe(
      "how long nothing may be started though work is due, ms: at least the recovery bound, since that work may be in dead hands, and at least the longest run",
    ),
});

export const progress: Check<z.infer<typeof options>> = {
  about:
    "As long as work is due, the store is there and a worker is well, jobs are started: there is no stretch without any that is longer than the bound. A queue that hangs until someone notices loses nothing, and serves nobody.",
  needs: [],
  options,
  neutral: { boundMs: 60_000 },
  universal: ({ recoveryMs, retryMs }) => ({ boundMs: recoveryMs + retryMs }),
  check(ledger, { boundMs }) {
    const found = findings(ledger);
    const dueAt = dueTimes(ledger);
    const { waiting, exposed } = waitingBySecond(ledger, dueAt);
    const able = ableSeconds(ledger, waiting.length);
    const { started } = ledger.rates;
    let longest = 0;
    let length = 0;
    for (let second = 0; second <= waiting.length; second++) {
      const idle = (waiting[second] ?? 0) > 0 && able[second] === 1 && (started[second] ?? 0) === 0;
      if (idle) {
        length++;
        continue;
      }
      longest = Math.max(longest, length);
      if (length * 1000 > boundMs) {
        const [from, to, jobs] = [second - length, second, waiting[second - 1] ?? 0];
        const job = longestWaiting(ledger, dueAt, from, to);
        found.violation({
          kind: "idle",
          job,
          what: () =>
            `Nothing was started between ${from} s and ${to} s, though ${jobs} jobs were due, a worker was well and the store was there.`,
          weight: length,
        });
      }
      length = 0;
    }
    return found.verdict({
      exposed,
      counts: { longestIdleSeconds: longest, boundMs },
      missing: filesMissing(ledger, ["worker"]),
    });
  },
};
