import { recoveriesOf, type Recovery } from "../history/recoveries.ts";
import { rankOf } from "../std/percentile.ts";
import type { Measure, RecoveryFigure } from "./contract.ts";

export const recoveryTime = {
  about:
    "For each fault, how long the jobs that it took out of someone's hands waited until they went on: from the death, the cut, or the return of the store, as the recovery bound counts it. One that never went on, and lies there still, counts with what it has waited.",
  measure(ledger) {
    const byIncident = Map.groupBy(recoveriesOf(ledger), ({ incident }) => incident?.id);
    return {
      kind: "per-incident",
      unit: "ms",
      rows: ledger.incidents.map(({ id, fault }) => ({ incident: id, fault, ...figuresOf(byIncident.get(id) ?? []) })),
    };
  },
  eachSample(ledger, tell) {
    for (const { job, ms, hitAt, incident, recoveredAt } of recoveriesOf(ledger))
      tell(job, ms, incident?.from ?? hitAt, recoveredAt !== undefined, 0);
  },
} satisfies Measure;

const percents: readonly (readonly [RecoveryFigure, number])[] = [
  ["first", 0],
  ["p50", 50],
  ["last", 100],
];

function figuresOf(caught: readonly Recovery[]) {
  const sorted = (some: readonly Recovery[]): readonly number[] => some.map(({ ms }) => ms).sort((a, b) => a - b);
  const all = sorted(caught);
  const over = sorted(caught.filter(({ recoveredAt }) => recoveredAt !== undefined));
  const at = (percent: number): number | null => all[rankOf(all.length, percent)] ?? null;
  return {
    exposed: caught.length,
    open: caught.length - over.length,
    // What would be another figure if those that are open never went on.
    atLeast:
      all.length === 0
        ? []
        : percents.flatMap(([name, percent]) => (over[rankOf(all.length, percent)] === at(percent) ? [] : [name])),
    first: at(0),
    last: at(100),
    p50: at(50),
  };
}
