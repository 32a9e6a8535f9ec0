/**
 * While there is work that is due, a store, and someone well to do it, something is started now and then. Counted in
 * whole seconds, so a stretch may in truth be longer by two, never shorter. Jobs that never start wait as others do.
 */
import { z } from "zod";
import { exposedTo } from "../history/exposure.ts";
import { dueTimes, secondNs, waitingBySecond } from "../history/waiting.ts";
import type { Check } from "./contract.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";
import { longestWaiting, standstills } from "./standstill.ts";

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
    "As long as work is due, the store is there and a worker is well and has a hand free, jobs are started: there is no stretch without any that is longer than the bound. A queue that hangs until someone notices loses nothing, and serves nobody. Exposed are jobs that came to be due after workers or the store had been hit: somebody had to be back for them.",
  needs: [],
  ofWaiting: true,
  options,
  neutral: { boundMs: 60_000 },
  universal: ({ recoveryMs, retryMs }) => ({ boundMs: recoveryMs + retryMs }),
  check(ledger, { boundMs }) {
    const found = findings(ledger);
    const dueAt = dueTimes(ledger);
    const { exposed: judged } = waitingBySecond(ledger, dueAt);
    // Its starts are in the files of workers; how long it had to wait is in that of its producer.
    const missing = filesMissing(ledger, ["worker", "producer"]);
    let longest = 0;
    for (const { from, to, seconds, waiting } of standstills(ledger)) {
      longest = Math.max(longest, seconds);
      if (seconds * 1000 <= boundMs) continue;
      if (missing !== undefined) {
        found.unsure(missing);
        continue;
      }
      found.violation({
        kind: "idle",
        job: longestWaiting(ledger, dueAt, from, to),
        at: to * secondNs,
        what: () =>
          `Nothing was started between ${from} s and ${to} s, though ${waiting} jobs were due, and for ${seconds} s of it a worker was well and had a hand free, and the store was there.`,
        weight: seconds,
      });
    }
    return found.verdict({
      judged,
      exposed: exposedTo(ledger, "after"),
      counts: { longestIdleSeconds: longest, boundMs },
      missing,
    });
  },
};
