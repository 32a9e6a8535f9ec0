/**
 * How late what was due was started: the time that it waited while somebody well had a hand free, and nothing excused
 * it. Whole seconds count, in which one of its hands was never taken, or half of them were free on average; and only
 * where the queue could have done better than it did:
 *
 *   due ──────────────┬ others, sent later, are started ─────────────┬ started
 *    └ counts where    └ counts where any worker has a hand free      │
 *      a worker does nothing at all, or nothing is started            │
 *               └─ hit on a worker that may have it ── recovery ─┘ does not count
 *
 * For a queue that works off what waits in its turn, as fast as its machine lets it, may have hands free for want of a
 * processor. While whoever started it had its own hands full it is counted apart: it may have lain behind these, read
 * ahead.
 */
import { convalescenceNs, hasHandsToSpare, isIdle, wellSeconds } from "./hands.ts";
import { disconnecting, hitsOf, silencesOf, type Hit } from "./hits.ts";
import { delayUnitMs, never, tickNs, type Incarnation, type Ledger } from "./ledger.ts";
import { secondNs } from "./waiting.ts";
import type { FoundWait } from "./waits.ts";
import { watchingOf } from "./watching.ts";
import { oncePer } from "../std/once.ts";

/** ns since origin. */
export interface Wait extends FoundWait {
  /** Others that were sent this much after it was due have overtaken it. */
  readonly orderNs: number;
  /** Its number, 0 for none: only jobs of the same priority overtake each other. */
  readonly priority: number;
}

/** ns that count. */
export interface Lateness {
  /** Whoever started it had a hand free as well, or was not there. */
  readonly handFree: number;
  /** Whoever started it had its hands full, and another had one free. */
  readonly behindOthers: number;
}

export interface LateTimes {
  /**
   * Nothing that waits from the one to the other is later than that, ns; 0 where it is too short to be lateness. At
   * once, for ten million jobs.
   */
  most(due: number, startedAt: number): number;
  of(wait: Wait): Lateness;
  /**
   * What would count of so long a wait (ns) of a job that is due then, which others overtake; as long as it lies there
   * the run goes on.
   */
  seen(due: number, waitNs: number, orderNs: number): number;
}

/** It takes its time to hand a job out. */
const shortNs = 100e6;

/** @param isElsewhere whether what waits of that priority (0 for none) in that second is told of by another check */
export function lateTimesOf(
  ledger: Ledger,
  isElsewhere: (priority: number, second: number) => boolean = () => false,
): LateTimes {
  const seconds = Math.max(0, Math.floor(ledger.phases.drainTo / secondNs));
  const { free, idle } = ableSeconds(ledger, seconds);
  const spans = excusedSpans(ledger);
  const latestSent = latestSentBySecond(ledger, seconds);
  const freeTime = clockOf(free);
  const clocks = new Map<number, SecondClock>();
  const clock = (able: "free" | "idle", priority: number, by: number): SecondClock => {
    const key = ((by << 8) | priority) * 2 + (able === "free" ? 1 : 0);
    const found =
      clocks.get(key) ??
      clockOf(
        (able === "free" ? free : idle).map((is, second) => {
          const counts =
            is === 1 && !isElsewhere(priority, second) && (by === 0 || !hasHandsToSpare(ledger, by, second));
          return counts ? 1 : 0;
        }),
      );
    clocks.set(key, found);
    return found;
  };
  const count = ({ due, soonest, startedAt, by, priority }: Wait, overtakenAt: number): number => {
    const [idleTime, anyTime] = [clock("idle", priority, by), clock("free", priority, by)];
    let counted = 0;
    for (const { from, to } of unexcused(spans, { due, soonest, startedAt })) {
      counted += idleTime(from, Math.min(to, overtakenAt)) + anyTime(Math.max(from, overtakenAt), to);
    }
    return counted;
  };
  return {
    most: (due, startedAt) => (startedAt - due < shortNs ? 0 : freeTime(due, startedAt)),
    of(wait) {
      const overtakenAt = overtaken(latestSent[wait.priority] ?? empty, wait.due + wait.orderNs);
      const all = count({ ...wait, by: 0 }, overtakenAt);
      const behindOthers = wait.by === 0 ? 0 : count(wait, overtakenAt);
      return { handFree: all - behindOthers, behindOthers };
    },
    seen(due, waitNs, orderNs) {
      const startedAt = Math.min(due + waitNs, seconds * secondNs);
      const beyond = due + waitNs - Math.max(startedAt, due);
      return beyond + count({ due, soonest: due, startedAt, by: 0, orderNs, priority: 0 }, due + orderNs);
    },
  };
}

/** ns of the seconds that count between two moments; 0 where the first is the later one. */
type SecondClock = (from: number, to: number) => number;

function clockOf(counts: Uint8Array): SecondClock {
  const before = new Float64Array(counts.length + 1);
  for (let second = 0; second < counts.length; second++)
    before[second + 1] = (before[second] ?? 0) + (counts[second] === 1 ? secondNs : 0);
  const end = counts.length * secondNs;
  const passed = (at: number): number => {
    const within = at <= 0 ? 0 : at >= end ? end : at;
    const second = Math.floor(within / secondNs);
    return (before[second] ?? 0) + (counts[second] === 1 ? within - second * secondNs : 0);
  };
  return (from, to) => (to <= from ? 0 : passed(to) - passed(from));
}

/**
 * By second, 1 where some worker that was well had a hand free all through it; and where one did nothing, or nothing
 * was started.
 */
function ableSeconds(ledger: Ledger, seconds: number): { readonly free: Uint8Array; readonly idle: Uint8Array } {
  const free = new Uint8Array(seconds);
  const idle = new Uint8Array(seconds);
  const { started } = ledger.rates;
  const reconnectNs = Math.max(convalescenceNs, ledger.run.bounds.reconnectMs * 1e6);
  const restNs = ({ cause }: Hit): number => (disconnecting.has(cause) ? reconnectNs : convalescenceNs);
  for (const life of ledger.incarnations)
    for (const second of wellSeconds(ledger, life, seconds, restNs)) {
      if (!hasHandsToSpare(ledger, life.incarnation, second)) continue;
      free[second] = 1;
      if (isIdle(ledger, life.incarnation, second) || (started[second] ?? 0) === 0) idle[second] = 1;
    }
  return { free, idle };
}

/**
 * What may have been had by `over` may have been with whom this befell, from when on it was; then it may take until
 * then. ns since origin.
 */
interface Excused {
  readonly from: number;
  readonly over: number;
  readonly until: number;
}

/** In order of their beginnings. */
const excusedSpans = oncePer(excusedIn);

function excusedIn(ledger: Ledger): readonly Excused[] {
  const { recoveryMs, againMs, giveAwayMs } = ledger.run.bounds;
  const giveAwayNs = giveAwayMs * 1e6;
  const { deadline } = watchingOf(ledger);
  const spans: (Excused & { readonly incarnation: number })[] = [];
  const losses = ledger.incarnations
    .filter(({ role }) => role === "worker")
    .flatMap((life) => lossesOf(ledger, life))
    .toSorted((a, b) => a.from - b.from);
  for (const { from, over, to, isShort, incarnation } of losses) {
    // Whoever was given it after that one may have lost it as well.
    const isAgain = spans.some(
      (one) => one.incarnation !== incarnation && one.from < from && one.from + giveAwayNs <= from && one.until >= from,
    );
    const until = isShort ? over + convalescenceNs : deadline(to, isAgain ? againMs : recoveryMs);
    spans.push({ from, over, until, incarnation });
  }
  return spans;
}

interface Loss {
  readonly incarnation: number;
  readonly from: number;
  readonly to: number;
  readonly over: number;
  /** It kept what it had, and all its connections. */
  readonly isShort: boolean;
}

function lossesOf(ledger: Ledger, { incarnation, exitedAt = 0 }: Incarnation): readonly Loss[] {
  const giveAwayNs = ledger.run.bounds.giveAwayMs * 1e6;
  const silent = silencesOf(ledger, incarnation, Number.POSITIVE_INFINITY).map(
    ({ from, to, over, hits, ended }): Loss => {
      const isShort = !ended && to - from < giveAwayNs && !hits.some(({ cause }) => disconnecting.has(cause));
      return { incarnation, from, to, over, isShort };
    },
  );
  const late = hitsOf(ledger, incarnation)
    .filter(({ cause }) => cause === "slow" || cause === "asked-to-stop")
    .map(({ cause, from, to }): Loss => {
      const end = cause === "slow" ? to : Math.max(to, exitedAt);
      return { incarnation, from, to: end, over: end + convalescenceNs, isShort: false };
    });
  return [...silent, ...late];
}

/** What of the time between the two no hit excuses that what was due may have been caught by. */
function* unexcused(
  spans: readonly Excused[],
  { due, soonest, startedAt: to }: Omit<FoundWait, "by">,
): Iterable<{ readonly from: number; readonly to: number }> {
  let from = due;
  for (const span of spans) {
    if (span.from >= to) break;
    if (span.over < soonest || span.until <= from) continue;
    if (span.from > from) yield { from, to: span.from };
    from = span.until;
  }
  if (from < to) yield { from, to };
}

const empty = new Float64Array();

/**
 * By priority (0 for all together) and second: when the latest sent of those was due at the soonest that were started
 * by its end, ns since origin.
 */
function latestSentBySecond(ledger: Ledger, seconds: number): readonly Float64Array[] {
  const { sentAt, firstStartAt, delay, priority } = ledger.columns;
  const classes = Math.max(1, ledger.run.priorities.length + 1);
  const latest = Array.from({ length: classes }, () => new Float64Array(seconds));
  const all = latest[0] ?? empty;
  const delayNs = delayUnitMs * 1e6;
  const isPrioritised = priority.length > 0;
  for (let job = 0; job < sentAt.length; job++) {
    const started = firstStartAt[job] ?? never;
    const sent = sentAt[job] ?? never;
    if (started === never || sent === never) continue;
    const second = Math.floor((started * tickNs) / secondNs);
    const due = sent * tickNs + (delay[job] ?? 0) * delayNs;
    const own = isPrioritised ? (latest[priority[job] ?? 0] ?? all) : all;
    if (due > (own[second] ?? Number.POSITIVE_INFINITY)) own[second] = due;
  }
  for (const one of latest)
    for (let second = 1; second < one.length; second++) one[second] = Math.max(one[second] ?? 0, one[second - 1] ?? 0);
  return latest;
}

/** The end of the first second by which one had been started that was due later than that. */
function overtaken(latestSent: Float64Array, due: number): number {
  let low = 0;
  let high = latestSent.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((latestSent[middle] ?? 0) > due) high = middle;
    else low = middle + 1;
  }
  return low === latestSent.length ? Number.POSITIVE_INFINITY : (low + 1) * secondNs;
}
