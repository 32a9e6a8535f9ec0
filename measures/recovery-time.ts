import { recoveriesOf } from "../history/recoveries.ts";
import type { Measure } from "./contract.ts";

export const recoveryTime = {
  about:
    "For each fault, how long the jobs that it took out of someone's hands waited until they went on: from the death, the cut, or the return of the store, as the recovery bound counts it.",
  measure(ledger) {
    const recoveries = recoveriesOf(ledger);
    return {
      kind: "per-incident",
      unit: "ms",
      rows: ledger.incidents.map(({ id, fault }) => {
        const affected = recoveries.filter(({ incident }) => incident?.id === id);
        const times = affected.map(({ ms }) => ms).sort((a, b) => a - b);
        const at = (share: number): number | null => times[Math.max(0, Math.ceil(share * times.length) - 1)] ?? null;
        return { incident: id, fault, exposed: affected.length, first: at(0), last: at(1), p50: at(0.5) };
      }),
    };
  },
} satisfies Measure;
