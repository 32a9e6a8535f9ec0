/**
 * What the checks have in common that judge by whole seconds in which nothing was started: when it could have been, and
 * who waited.
 */
import { unfinished } from "../history/fates.ts";
import { convalescenceNs, hasFreeHand, wellSeconds } from "../history/hands.ts";
import { never, type Incarnation, type Incident, type Ledger, ticksPerSecond } from "../history/ledger.ts";
import { dueTimes, secondNs, waitingBySecond, type DueAt } from "../history/waiting.ts";
import { oncePer } from "../std/once.ts";

/** A stretch of seconds in which jobs were due, a worker had a hand free, and nothing was started. */
export interface Standstill {
  readonly from: number;
  readonly to: number;
  /** Seconds of it that count: in which a worker was well, and the store there. */
  readonly seconds: number;
  /** Jobs that were due at its end. */
  readonly waiting: number;
  /** Nobody looked any more when it ended. */
  readonly isLast: boolean;
}

/** Also of jobs that were never started. One that lasts to the end of the drain ends there. */
export const standstills = oncePer(standstillsIn);

function standstillsIn(ledger: Ledger): readonly Standstill[] {
  const dueAt = dueTimes(ledger);
  const end = Math.floor(ledger.phases.drainTo / secondNs);
  const waiting = waitingIn(ledger, dueAt, end);
  const able = handsFree(ledger, end, holdsBack);
  const returns = returnsOf(ledger, bringsBack);
  // One slow worker, or one that loses its replies, has not all of these.
  const heldMost = handfuls * ledger.run.concurrency;
  const ableForMany = handsFree(ledger, end, isAway);
  const returnsForMany = returnsOf(ledger, isAway);
  const { started } = ledger.rates;
  const found: Standstill[] = [];
  let from = 0;
  let seconds = 0;
  const over = (to: number): void => {
    if (seconds > 0) found.push({ from, to, seconds, waiting: waiting[to - 1] ?? 0, isLast: to === end });
    from = to + 1;
    seconds = 0;
  };
  for (let second = 0; second < end; second++) {
    // Whatever hangs from then on hangs anew: what was under way before, nobody could go on with.
    const isMany = (waiting[second] ?? 0) > heldMost;
    const isReturn = (isMany ? returnsForMany : returns).has(second);
    const isIdle = (waiting[second] ?? 0) > 0 && (started[second] ?? 0) === 0 && !isReturn;
    if (!isIdle) over(second);
    else if ((isMany ? ableForMany : able)[second] === 1) seconds++;
  }
  over(end);
  return found;
}

/** No worker has so many times its concurrency in hand. */
const handfuls = 10;

const handsFree = (ledger: Ledger, end: number, holds: (incident: Incident) => boolean): Uint8Array =>
  secondsFor(ledger, end, ({ incarnation }, second) => hasFreeHand(ledger, incarnation, second), holds);

/** Jobs are not started in the very order in which they come to be due. */
const orderTicks = ticksPerSecond;

/**
 * Whether the queue stopped before what it never started. What others that came to be due later overtook was left lying
 * by a queue that goes on; where more of those lie than have nobody after them, it never stopped: the last ones are of
 * the same kind.
 */
function hasStopped(ledger: Ledger, dueAt: DueAt): boolean {
  const { firstStartAt } = ledger.columns;
  let latest = 0;
  for (let job = 0; job < firstStartAt.length; job++) {
    const due = firstStartAt[job] === never ? never : dueAt(job);
    if (due < never && due > latest) latest = due;
  }
  let lying = 0;
  let last = 0;
  for (let job = 0; job < firstStartAt.length; job++) {
    const due = isWaiting(ledger, job) ? dueAt(job) : never;
    if (due < latest - orderTicks) lying++;
    else if (due < never) last++;
  }
  return last > 0 && last >= lying;
}

/** It was never started, and is there still. */
const isWaiting = ({ columns: { firstStartAt, place } }: Ledger, job: number): boolean =>
  firstStartAt[job] === never && ((place[job] ?? 0) & unfinished) !== 0;

/** By second, jobs that were due all through it: started later, or never, and the queue stopped before them. */
function waitingIn(ledger: Ledger, dueAt: DueAt, end: number): Int32Array {
  const { firstStartAt } = ledger.columns;
  const { waiting } = waitingBySecond(ledger, dueAt);
  const all = new Int32Array(Math.max(end, waiting.length) + 1);
  all.set(waiting);
  if (!hasStopped(ledger, dueAt)) return all;
  let left = 0;
  const since = new Int32Array(all.length);
  for (let job = 0; job < firstStartAt.length; job++) {
    const due = isWaiting(ledger, job) ? dueAt(job) : never;
    if (due < never) since[Math.min(Math.ceil(due / ticksPerSecond), all.length - 1)]!++;
  }
  for (let second = 0; second < all.length; second++) {
    left += since[second] ?? 0;
    all[second]! += left;
  }
  return all;
}

/** The seconds in which such incidents were over. */
const returnsOf = ({ incidents }: Ledger, isOne: (incident: Incident) => boolean): ReadonlySet<number> =>
  new Set(incidents.flatMap((incident) => (isOne(incident) ? [Math.floor(incident.to / secondNs)] : [])));

/**
 * By second, 1 where something could have been started: a worker was well all through it, and nothing else holds work
 * back. Whatever begins or ends for a worker begins the wait anew: the work that is due may just have been in its
 * hands.
 */
export function ableSeconds(ledger: Ledger, seconds: number): Uint8Array {
  const able = secondsFor(ledger, seconds, () => true, holdsBack);
  const workers = ledger.incarnations.filter(({ role }) => role === "worker");
  const isWorker = new Set(workers.map(({ incarnation }) => incarnation));
  for (const { exitedAt } of workers) if (exitedAt !== undefined) shut(able, exitedAt, exitedAt);
  for (const { incarnations, from, to } of ledger.incidents) {
    if (!incarnations.some((incarnation) => isWorker.has(incarnation))) continue;
    shut(able, from, from);
    shut(able, to, to);
  }
  return able;
}

/** By second, 1 where a worker that is `fit` was well all through it, and no fault held back the work of all. */
function secondsFor(
  ledger: Ledger,
  seconds: number,
  fit: (life: Incarnation, second: number) => boolean,
  holds: (incident: Incident) => boolean,
): Uint8Array {
  const able = new Uint8Array(Math.max(0, seconds));
  for (const life of ledger.incarnations)
    for (const second of wellSeconds(ledger, life, able.length)) if (fit(life, second)) able[second] = 1;
  for (const incident of ledger.incidents)
    if (holds(incident) && hitsWorker(ledger, incident)) shut(able, incident.from, incident.to + convalescenceNs);
  return able;
}

const hitsWorker = ({ incarnations }: Ledger, incident: Incident): boolean =>
  incarnations.some(({ role, incarnation }) => role === "worker" && incident.incarnations.includes(incarnation));

const shut = (able: Uint8Array, from: number, to: number): void => {
  able.fill(0, Math.max(0, Math.floor(from / secondNs)), Math.max(0, Math.floor(to / secondNs) + 1));
};

const isAway = ({ effect }: Incident): boolean => effect === "store-away";

/** The store is there again, or answers are. */
const bringsBack = ({ effect }: Incident): boolean => effect === "store-away" || effect === "reply-lost";

/** Nobody can do anything, or the work is with someone who looks alive and will come to it late. */
const holdsBack = ({ effect }: Incident): boolean =>
  effect === "store-away" || effect === "reply-lost" || effect === "slow";

/** Of the jobs that were due all through these seconds, the one that was due first. */
export function longestWaiting(
  { columns: { firstStartAt, place } }: Ledger,
  dueAt: DueAt,
  from: number,
  to: number,
): number | undefined {
  let first: number | undefined;
  for (let job = 0; job < firstStartAt.length; job++) {
    const started = firstStartAt[job] ?? never;
    if ((started === never && (place[job] ?? 0) === 0) || started < to * ticksPerSecond) continue;
    if (dueAt(job) > from * ticksPerSecond) continue;
    if (first === undefined || dueAt(job) < dueAt(first)) first = job;
  }
  return first;
}
