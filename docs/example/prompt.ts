/** A guarantee of our own: no order waits too long, whatever goes wrong meanwhile. */
import { findings, never, outcomes, tickNs, z, type Check } from "whitewater";

const options = z.strictObject({ withinMs: z.number().positive() });

export const prompt: Check<z.infer<typeof options>> = {
  about:
    "Every acknowledged order is started for the first time within the promised time of when it was to be placed.",
  needs: [],
  options,
  neutral: { withinMs: 120_000 },
  check(ledger, { withinMs }) {
    const { outcome, intendedAt, firstStartAt } = ledger.columns;
    const found = findings(ledger);
    let exposed = 0;
    for (let job = 0; job < ledger.run.jobs; job++) {
      const startedAt = firstStartAt[job] ?? never;
      if (outcome[job] !== outcomes.ok || startedAt === never) continue; // one that never ran is drained's to tell
      exposed++;
      const waitedMs = ((startedAt - (intendedAt[job] ?? 0)) * tickNs) / 1e6;
      if (waitedMs > withinMs)
        found.violation({
          kind: "late",
          job,
          what: () => `Order ${job} waited ${waitedMs} ms.`,
          weight: waitedMs,
        });
    }
    return found.verdict({ exposed, counts: { withinMs }, missing: undefined });
  },
};
