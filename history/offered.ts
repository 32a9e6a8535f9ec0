/** Whether the load came as it was planned: how much of it was sent, how late, and whose doing that was. */
import { slotOf } from "./resource.ts";
import { never, outcomes, tickNs, type Ledger, type RunFacts } from "./ledger.ts";

export interface Offered {
  readonly sent: number;
  readonly late: number;
  /** Late because their producer was killed or stood still: that is the fault's doing, and was meant. */
  readonly lateByFault: number;
  /** Of the others. */
  readonly latestMs: number;
}

/** Another producer has to be started, and to catch up. */
const catchUpNs = 5e9;

export function offered(ledger: Ledger): Offered {
  const {
    columns: { outcome, intendedAt, sentAt },
    run,
  } = ledger;
  const isExcused = producerAway(ledger);
  const lateAfter = (run.load.lateAfterMs * 1e6) / tickNs;
  let sent = 0;
  let late = 0;
  let lateByFault = 0;
  let latest = 0;
  for (let job = 0; job < outcome.length; job++) {
    const at = sentAt[job] ?? never;
    if (outcome[job] === outcomes.notSent || at === never) continue;
    sent++;
    const behind = at - (intendedAt[job] ?? 0);
    if (behind > lateAfter && isExcused(job, (intendedAt[job] ?? 0) * tickNs)) {
      lateByFault++;
      continue;
    }
    if (behind > lateAfter) late++;
    if (behind > latest) latest = behind;
  }
  return { sent, late, lateByFault, latestMs: (latest * tickNs) / 1e6 };
}

/**
 * Whether at that time (ns since origin) the job's producer was killed or paused, or had just been. Producers take
 * turns: job n is sent by the slot n modulo their number.
 */
function producerAway({ incidents, incarnations }: Ledger): (job: number, at: number) => boolean {
  const slots = new Set(incarnations.filter(({ role }) => role === "producer").map(({ slot }) => slot));
  const away = incidents.filter(({ effect }) => effect === "killed" || effect === "paused");
  const bySlot = Array.from({ length: slots.size }, (_, slot) =>
    away.filter(({ touches }) => touches.includes(slotOf("producer", slot))),
  );
  return (job, at) => bySlot[job % slots.size]?.some(({ from, to }) => at >= from && at <= to + catchUpNs) === true;
}

/** Why the load was not met in time, in a clause; undefined where it was. */
export function sentLate(
  { jobs, load }: Pick<RunFacts, "jobs" | "load">,
  { late, latestMs }: Offered,
): string | undefined {
  const { lateShare, lateAfterMs } = load;
  if (late <= lateShare * jobs) return undefined;
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return `the load was not met in time: ${percent(late / jobs)} of the jobs were sent more than ${lateAfterMs} ms late (at most ${percent(lateShare)} may be), the worst ${Math.round(latestMs)} ms`;
}
