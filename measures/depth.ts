import { backlog } from "./backlog.ts";
import type { Measure } from "./contract.ts";
import { secondsFrom } from "./seconds.ts";

export const depth = {
  about:
    "What the system itself said that it still had to do, beside the backlog as the run's own record has it. A monitor that lies does so most when it is needed.",
  measure(ledger) {
    const { at, lines } = backlog.measure(ledger);
    const said: (number | null)[] = secondsFrom(at.length).map(() => null);
    for (const sample of ledger.depths) {
      const second = Math.floor(sample.to / 1e9);
      if (second >= 0 && second < said.length) said[second] = sample.depth;
    }
    const known: Readonly<Record<string, readonly (number | null)[]>> =
      ledger.depths.length === 0
        ? {}
        : {
            "the record": at.map((second) => Object.values(lines).reduce((sum, line) => sum + (line[second] ?? 0), 0)),
            "the system": said,
          };
    return { kind: "series", unit: "jobs", at, lines: known };
  },
} satisfies Measure;
