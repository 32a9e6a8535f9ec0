import { backlog } from "./backlog.ts";
import type { Measure } from "./contract.ts";
import { secondsFrom } from "./seconds.ts";

type Lines = Readonly<Record<string, readonly (number | null)[]>>;

export const depth = {
  about:
    "What the system itself said that it still had to do, beside the backlog as the run's own record has it. A monitor that lies does so most when it is needed.",
  measure(ledger) {
    const at = secondsFrom(ledger.rates.intended.length);
    if (ledger.depths.length === 0) return { kind: "series", unit: "jobs", at, lines: {} };
    const said: (number | null)[] = at.map(() => null);
    for (const sample of ledger.depths) {
      const second = Math.floor(sample.to / 1e9);
      if (second >= 0 && second < said.length) said[second] = sample.depth;
    }
    const states = Object.values(backlog.measure(ledger).lines);
    const record = at.map((second) => states.reduce((sum, line) => sum + (line[second] ?? 0), 0));
    const lines: Lines = { "the record": record, "the system": said };
    return { kind: "series", unit: "jobs", at, lines };
  },
} satisfies Measure;
