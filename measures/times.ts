/** The moments in a job's life that measures count to, as far as the system lets anyone know them. */
import { fates, fatesOf, isOpen } from "../history/fates.ts";
import { delayUnitMs, never, outcomes, tickNs, type Ledger, type LifeEvent } from "../history/ledger.ts";
import type { LatencySpan, TimeOf } from "./spans.ts";
import { oncePer } from "../std/once.ts";

/**
 * Until when jobs are waited for, in ticks: the end of the drain. What has not happened by then never did; the workers
 * are sent home afterwards.
 */
export function watchedTo({ phases, drain }: Ledger): number {
  const over = drain === undefined ? phases.drainTo : phases.drainFrom + drain.seconds * 1e9;
  return Math.max(0, Math.floor(Math.min(over, phases.drainTo) / tickNs));
}

/** When it was sent. When one that never was would have been due is not on record. */
export const sending = ({ columns: { sentAt } }: Ledger): LatencySpan => ({
  until: (job) => sentAt[job] ?? never,
  waitedTo: () => never,
});

/**
 * Its acknowledgement. Without an answer it is waited for to the end, or until its client gave up; not where a fault
 * took the client away. A refusal is an answer.
 */
export function acknowledgement(ledger: Ledger): LatencySpan {
  const { outcome, answeredAt } = ledger.columns;
  const end = watchedTo(ledger);
  const killed = new Set(
    ledger.incidents.flatMap(({ effect, incarnations }) => (effect === "killed" ? incarnations : [])),
  );
  const lostItsClient = (job: number): boolean =>
    killed.size > 0 && ledger.life(job).some(({ kind, incarnation }) => kind === "send" && killed.has(incarnation));
  return {
    until: acknowledgedAt(ledger),
    waitedTo(job) {
      if (outcome[job] === outcomes.unknown) return answeredAt[job] ?? never;
      return outcome[job] === outcomes.unanswered && !lostItsClient(job) ? end : never;
    },
  };
}

export function acknowledgedAt({ columns: { outcome, answeredAt } }: Ledger): TimeOf {
  return (job) => (outcome[job] === outcomes.ok ? (answeredAt[job] ?? never) : never);
}

/** Its first start. */
export const firstStart = (ledger: Ledger): LatencySpan => ({
  until: (job) => ledger.columns.firstStartAt[job] ?? never,
  waitedTo: heldTo(ledger),
});

/** Its end, as `finishedAt` has it. */
export const finish = (ledger: Ledger): LatencySpan => ({ until: finishedAt(ledger), waitedTo: heldTo(ledger) });

/** What the system took charge of and never came to an end with, be it lost or left lying, is waited for to the end. */
function heldTo(ledger: Ledger): TimeOf {
  const { of } = fatesOf(ledger);
  const end = watchedTo(ledger);
  return (job) => (isOpen(of[job]) ? end : never);
}

const ticksPerDelayUnit = (delayUnitMs * 1e6) / tickNs;

/** That much earlier as the job was to be delayed: nobody waits for it before that is over. */
export function lessDelay({ columns: { delay } }: Ledger, { until, waitedTo }: LatencySpan): LatencySpan {
  const less =
    (time: TimeOf): TimeOf =>
    (job) => {
      const at = time(job);
      return at === never ? never : at - (delay[job] ?? 0) * ticksPerDelayUnit;
    };
  return { until: less(until), waitedTo: less(waitedTo) };
}

/**
 * Its accepted settlement; the end of its last run where the system does not tell settlements, or where the word of
 * this one was lost with the process that waited for it.
 */
export function finishedAt(ledger: Ledger): TimeOf {
  const { settledAt, lastEndAt, place } = ledger.columns;
  const { of } = fatesOf(ledger);
  const dead = deathsUntold(ledger);
  return (job) => {
    const settled = settledAt[job] ?? never;
    if (settled !== never) return settled;
    if (of[job] === fates.dead) return dead?.[job] ?? never;
    return !ledger.run.tellsSettlements || place[job] === 0 ? (lastEndAt[job] ?? never) : never;
  };
}

/**
 * By job, when the last run of one that is dead was over, and nobody told of its settlement; undefined where there is
 * none.
 */
const deathsUntold = oncePer((ledger: Ledger): Uint32Array | undefined => {
  const { settledAt } = ledger.columns;
  const { of } = fatesOf(ledger);
  const untold = (job: number): boolean => of[job] === fates.dead && settledAt[job] === never;
  if (!of.some((_, job) => untold(job))) return undefined;
  const exits = new Map(ledger.incarnations.map(({ incarnation, exitedAt }) => [incarnation, exitedAt]));
  const at = new Uint32Array(of.length).fill(never);
  for (const { job, life } of ledger.exceptions()) {
    const last = untold(job) ? life.findLast(isOfRun) : undefined;
    if (last === undefined) continue;
    const over = last.kind === "start" ? (exits.get(last.incarnation) ?? last.at) : last.at;
    at[job] = Math.max(0, Math.floor(over / tickNs));
  }
  return at;
});

const isOfRun = ({ kind }: LifeEvent): boolean => kind === "start" || kind === "end" || kind === "failed";
