/**
 * All that waited for a start, each from when it was due by the queue's own terms: first runs, delayed ones, and
 * retries.
 */
import { wellFor } from "./hits.ts";
import { delayUnitMs, never, outcomes, tickNs, type Ledger, type LifeEvent } from "./ledger.ts";

/** ns since origin. */
export interface FoundWait {
  readonly due: number;
  /** From when on somebody may have had it in hand: no later than due. */
  readonly soonest: number;
  readonly startedAt: number;
  /** The incarnation that started it, 0 where that is not known. */
  readonly by: number;
}

/** As in `FoundWait`, without an object for each: there may be ten million. */
export type EachWait = (job: number, due: number, soonest: number, startedAt: number, by: number) => void;

/** How a job's retries wait. */
export interface RetryTerms {
  readonly factor: number;
  readonly capMs: number;
  /** A wait may be that much longer: 0.5 is half as much again. */
  readonly jitter: number;
}

const delayUnitNs = delayUnitMs * 1e6;

/**
 * First starts of what was acknowledged.
 * @returns how many are left out, since the store's clock was set before they were due
 */
export function forEachFirst(ledger: Ledger, which: "at once" | "delayed", each: EachWait): number {
  const { outcome, sentAt, answeredAt, firstStartAt, startedBy, delay } = ledger.columns;
  let leftOut = 0;
  for (let job = 0; job < outcome.length; job++) {
    const delayed = delay[job] ?? 0;
    if (outcome[job] !== outcomes.ok || delayed > 0 !== (which === "delayed")) continue;
    const answered = answeredAt[job] ?? never;
    const started = firstStartAt[job] ?? never;
    if (answered === never || started === never) continue;
    const sentNs = (sentAt[job] ?? 0) * tickNs;
    const due = answered * tickNs + delayed * delayUnitNs;
    if (delayed > 0 && isClockSet(ledger, sentNs, due)) {
      leftOut++;
      continue;
    }
    const soonest = sentNs + delayed * delayUnitNs;
    each(job, due, soonest, started * tickNs, startedBy[job] ?? 0);
  }
  return leftOut;
}

/**
 * Starts after a failure, as a later attempt.
 * @returns how many are left out, since the store's clock was set before they were due
 */
export function forEachRetry(ledger: Ledger, terms: RetryTerms, each: EachWait): number {
  const { failures } = ledger.columns;
  let leftOut = 0;
  for (const { job, life } of ledger.exceptions()) {
    if ((failures[job] ?? 0) === 0) continue;
    let failed: LifeEvent[] = [];
    for (const event of life) {
      if (event.kind === "failed") failed.push(event);
      if (event.kind === "end") failed = [];
      // Who had lost it decides nothing.
      if (event.kind === "settlementRefused") failed = failed.filter((one) => one.incarnation !== event.incarnation);
      if (event.kind !== "start") continue;
      const last = failed.filter(({ attempt }) => attempt === event.attempt - 1);
      failed = [];
      if (last.length === 0) continue;
      const [least, most] = waitNs(ledger, event.attempt - 1, terms);
      // Where several failed on that attempt, nobody knows whose word counted.
      const due = Math.max(...last.map((one) => settledBy(ledger, one))) + most;
      const since = Math.min(...last.map(({ at }) => at));
      if (isClockSet(ledger, since, due)) leftOut++;
      else each(job, due, since + least, event.at, event.incarnation);
    }
  }
  return leftOut;
}

/** The shortest and the longest that the wait after that attempt may be. */
function waitNs(
  { run }: Ledger,
  attempt: number,
  { factor, capMs, jitter }: RetryTerms,
): readonly [least: number, most: number] {
  const least = Math.min(run.backoffMs * factor ** (attempt - 1), capMs) * 1e6;
  return [least, least * (1 + jitter)];
}

/**
 * When that failure had surely been accepted, as it was: whoever was hit said it when that was over, or before it was
 * gone.
 */
function settledBy(ledger: Ledger, { incarnation, at }: LifeEvent): number {
  const { settleMs } = ledger.run.bounds;
  const exitedAt = ledger.incarnations.find((one) => one.incarnation === incarnation)?.exitedAt;
  return wellFor(ledger, incarnation, at, settleMs) ?? Math.max(at, exitedAt ?? at);
}

const isClockSet = ({ storeClock: { bent } }: Ledger, from: number, to: number): boolean =>
  bent.some((span) => span.from <= to && span.to >= from);
