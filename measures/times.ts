/** The moments in a job's life that measures count to, as far as the system lets anyone know them. */
import { delayUnitMs, never, outcomes, tickNs, type Ledger } from "../history/ledger.ts";
import type { TimeOf } from "./spans.ts";

export function acknowledgedAt({ columns: { outcome, answeredAt } }: Ledger): TimeOf {
  return (job) => (outcome[job] === outcomes.ok ? (answeredAt[job] ?? never) : never);
}

const ticksPerDelayUnit = (delayUnitMs * 1e6) / tickNs;

/** That much earlier as the job was to be delayed: nobody waits for it before that is over. */
export function lessDelay({ columns: { delay } }: Ledger, time: TimeOf): TimeOf {
  return (job) => {
    const at = time(job);
    return at === never ? never : at - (delay[job] ?? 0) * ticksPerDelayUnit;
  };
}

/**
 * Its accepted settlement; its last end where the system does not tell settlements, or where the word of this one was
 * lost with the process that waited for it.
 */
export function finishedAt({ columns: { settledAt, lastEndAt, place }, run: { tellsSettlements } }: Ledger): TimeOf {
  return (job) => {
    const settled = settledAt[job] ?? never;
    const gone = !tellsSettlements || place[job] === 0;
    return settled === never && gone ? (lastEndAt[job] ?? never) : settled;
  };
}
