import type { Incarnation, Ledger } from "../history/ledger.ts";
import type { Measure } from "./contract.ts";
import { secondsFrom } from "./seconds.ts";

/** By second: microseconds used, and how much of the second is known. */
interface Usage {
  readonly used: Float64Array;
  readonly known: Float64Array;
}

type Line = readonly (number | null)[];

export const cpu = {
  about:
    "Processor time that the harness's own processes used, in percent of one core: each is a single thread, so one that comes near 100 % is the bottleneck. Workers run the queue's client as well.",
  measure(ledger) {
    const seconds = ledger.rates.intended.length;
    const lines = new Map<string, Line>();
    const bySlot = Object.groupBy(ledger.incarnations, ({ role, slot }) => `${role} ${slot}`);
    for (const [name, lives = []] of Object.entries(bySlot)) {
      const line = percentOf(usageOf(ledger, lives, seconds));
      if (line.some((value) => value !== null)) lines.set(name, line);
    }
    const of = (role: string): readonly Line[] =>
      [...lines].flatMap(([name, line]) => (name.startsWith(role) ? [line] : []));
    const workers = of("worker");
    const producers = [...lines].filter(([name]) => name.startsWith("producer"));
    const told: Readonly<Record<string, Line>> = {
      ...Object.fromEntries(producers),
      ...(workers.length === 0 ? {} : { "busiest worker": most(workers), "mean worker": mean(workers) }),
      ...Object.fromEntries(of("harness").map((line) => ["harness", line])),
    };
    return { kind: "series", unit: "%", at: secondsFrom(seconds), lines: told };
  },
} satisfies Measure;

/** What the lives of one slot used together; what lies between two samples is spread evenly. */
function usageOf({ processorTime }: Ledger, lives: readonly Incarnation[], seconds: number): Usage {
  const usage = { used: new Float64Array(seconds), known: new Float64Array(seconds) };
  for (const { incarnation } of lives) {
    const { at, micros } = processorTime.get(incarnation) ?? { at: [], micros: [] };
    for (let i = 1; i < at.length; i++) {
      const from = (at[i - 1] ?? 0) / 1e9;
      const to = (at[i] ?? 0) / 1e9;
      const perSecond = ((micros[i] ?? 0) - (micros[i - 1] ?? 0)) / (to - from);
      for (let second = Math.max(0, Math.floor(from)); second < Math.min(seconds, to); second++) {
        const share = Math.min(to, second + 1) - Math.max(from, second);
        usage.used[second]! += perSecond * share;
        usage.known[second]! += share;
      }
    }
  }
  return usage;
}

/** Less than this of a second says nothing about all of it. */
const enough = 0.3;

const percentOf = ({ used, known }: Usage): Line =>
  [...used].map((micros, second) => {
    const share = known[second] ?? 0;
    return share < enough ? null : Math.max(0, micros / share / 1e4);
  });

const each = (lines: readonly Line[], figure: (values: readonly number[]) => number): Line =>
  (lines[0] ?? []).map((_, second) => {
    const values = lines.map((line) => line[second] ?? null).filter((value) => value !== null);
    return values.length === 0 ? null : figure(values);
  });

const most = (lines: readonly Line[]): Line => each(lines, (values) => Math.max(...values));
const mean = (lines: readonly Line[]): Line =>
  each(lines, (values) => values.reduce((sum, value) => sum + value, 0) / values.length);
