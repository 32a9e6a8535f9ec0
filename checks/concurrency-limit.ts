/** A process runs no more handlers at once than it was given: owns whatever runs beyond the concurrency limit. */
import { z } from "zod";
import type { Check } from "./contract.ts";
import { damaged } from "./causes.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({});

export const concurrencyLimit: Check<z.infer<typeof options>> = {
  about:
    "No process runs more handlers at once than the concurrency that it was given. Whoever sets a limit does it for what lies behind: a database with so many connections, a memory of that size. A run that the system withdrew by its signal is not counted from then on. Exposed are the jobs begun by processes that once ran as many as they may.",
  needs: [],
  options,
  neutral: {},
  universal: () => ({}),
  check(ledger) {
    const { activity, incarnations, run } = ledger;
    const found = findings(ledger);
    let judged = 0;
    let exposed = 0;
    let most = 0;
    for (const { incarnation, role } of incarnations) {
      const one = role === "worker" ? activity.get(incarnation) : undefined;
      if (one === undefined) continue;
      const begun = one.starts.reduce((sum, starts) => sum + starts, 0);
      const { handlers, second } = one.most;
      judged += begun;
      most = Math.max(most, handlers);
      if (handlers >= run.concurrency) exposed += begun;
      if (handlers <= run.concurrency) continue;
      found.violation({
        kind: "beyond",
        job: undefined,
        // Without the ends of some, the others look like more.
        doubt: damaged(ledger, [incarnation]),
        at: (second + 1) * 1e9,
        weight: handlers,
        what: () =>
          `Process ${incarnation} ran ${handlers} handlers at once in second ${second} of the load, and may run ${run.concurrency}.`,
      });
    }
    return found.verdict({
      judged,
      exposed,
      counts: { most, limit: run.concurrency },
      missing: filesMissing(ledger, ["worker"]),
    });
  },
};
