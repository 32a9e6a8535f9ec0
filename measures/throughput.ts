import { fates, fatesOf } from "../history/fates.ts";
import { never, type Ledger, ticksPerSecond } from "../history/ledger.ts";
import type { Measure } from "./contract.ts";
import { secondsFrom } from "./seconds.ts";
import { finishedAt } from "./times.ts";

export const throughput = {
  about:
    "Jobs a second: offered by the plan, acknowledged, started (retries and repeats included) and done, each job once.",
  measure(ledger) {
    const { rates } = ledger;
    return {
      kind: "series",
      unit: "jobs/s",
      at: secondsFrom(rates.intended.length),
      lines: {
        offered: [...rates.intended],
        acknowledged: [...rates.acknowledged],
        started: [...rates.started],
        done: [...doneBySecond(ledger)],
      },
    };
  },
} satisfies Measure;

function doneBySecond(ledger: Ledger): Uint32Array {
  const done = new Uint32Array(ledger.rates.intended.length);
  const { of } = fatesOf(ledger);
  const finished = finishedAt(ledger);
  for (let job = 0; job < of.length; job++) {
    const at = of[job] === fates.done ? finished(job) : never;
    if (at !== never) done[Math.floor(at / ticksPerSecond)]!++;
  }
  return done;
}
