import type { Measure } from "./contract.ts";
import { secondsFrom } from "./seconds.ts";

export const throughput = {
  about: "Jobs a second: offered by the plan, acknowledged, started (retries and repeats included) and completed.",
  measure({ rates, run }) {
    return {
      kind: "series",
      unit: "jobs/s",
      at: secondsFrom(rates.intended.length),
      lines: {
        offered: [...rates.intended],
        acknowledged: [...rates.acknowledged],
        started: [...rates.started],
        completed: [...(run.tellsSettlements ? rates.settled : rates.ended)],
      },
    };
  },
} satisfies Measure;
