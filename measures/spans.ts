/** Distributions of the time from one point to another in every job's life, split by the faults of the run. */
import { never, tickNs, type Ledger } from "../history/ledger.ts";
import type { Distribution, TellSample } from "./contract.ts";
import { distribution, durations, merged, type Tally } from "./distribution.ts";

/** A job's time, in ticks since the origin; `never` where there is none. */
export type TimeOf = (job: number) => number;

/** A stretch of a job's way, from its intended time. */
export interface LatencySpan {
  /** When it was over. */
  readonly until: TimeOf;
  /** Where it was never over: up to when it was waited for, so that it took at least so long. */
  readonly waitedTo: TimeOf;
}

/** Calls `each` with every job whose stretch was over, or is waited for. Times in ticks. */
export function forEachJob(
  { columns: { intendedAt } }: Ledger,
  { until, waitedTo }: LatencySpan,
  each: (job: number, intended: number, end: number, isOver: boolean) => void,
): void {
  for (let job = 0; job < intendedAt.length; job++) {
    const intended = intendedAt[job] ?? never;
    if (intended === never) continue;
    const end = until(job);
    if (end !== never) {
      each(job, intended, end, true);
      continue;
    }
    const waited = waitedTo(job);
    // One that was not due by then is not waited for.
    if (waited !== never && waited >= intended) each(job, intended, waited, false);
  }
}

/**
 * Spans, each in the part to which its moment belongs: before the first fault, until the last one was over, after it.
 */
export interface Spans {
  /** In ticks; `at` since the origin. */
  add(at: number, span: number, isOver: boolean): void;
  /** @param beside more parts, to be held beside the phases; there are no phases in a run without faults */
  distribution(beside?: Readonly<Record<string, Tally>>): Distribution;
}

export function byPhase(ledger: Ledger): Spans {
  const { from, to } = troubled(ledger);
  const before = durations();
  const during = durations();
  const after = durations();
  return {
    add(at, span, isOver) {
      (at < from ? before : at <= to ? during : after).add(span, isOver);
    },
    distribution(beside = {}) {
      const parts = { "before faults": before.tally(), "during faults": during.tally(), "after faults": after.tally() };
      return distribution(merged(Object.values(parts)), { ...(ledger.incidents.length === 0 ? {} : parts), ...beside });
    },
  };
}

/** By priority, to be held beside the phases; none where all jobs are alike. From the intended time of each. */
export function byPriority(ledger: Ledger, stretch: LatencySpan): Readonly<Record<string, Tally>> {
  const { priority } = ledger.columns;
  const spans = ledger.run.priorities.map(({ name }) => ({ name, span: durations() }));
  if (spans.length > 0)
    forEachJob(ledger, stretch, (job, intended, end, isOver) => {
      spans[(priority[job] ?? 0) - 1]?.span.add(end - intended, isOver);
    });
  return Object.fromEntries(spans.map(({ name, span }) => [`priority ${name}`, span.tally()]));
}

/**
 * From the intended time of each job: not from when it was sent, or a generator that falls behind would hide the wait.
 * Split by intended time. The part `uncorrected` counts from the real send instead, for comparison.
 */
export function fromIntended(
  ledger: Ledger,
  stretch: LatencySpan,
  { uncorrected, beside = {} }: { readonly uncorrected: boolean; readonly beside?: Readonly<Record<string, Tally>> },
): Distribution {
  const { sentAt } = ledger.columns;
  const spans = byPhase(ledger);
  const fromSend = durations();
  forEachJob(ledger, stretch, (job, intended, end, isOver) => {
    spans.add(intended, end - intended, isOver);
    if (uncorrected) fromSend.add(end - (sentAt[job] ?? never), isOver);
  });
  return spans.distribution(uncorrected ? { ...beside, uncorrected: fromSend.tally() } : beside);
}

const ticksPerMs = 1e6 / tickNs;

/** From the intended time of each job, in ms, with what of it was over before the job was sent. */
export function samplesFromIntended(ledger: Ledger, stretch: LatencySpan, tell: TellSample): void {
  const { sentAt } = ledger.columns;
  forEachJob(ledger, stretch, (job, intended, end, isOver) => {
    const sent = Math.min(sentAt[job] ?? never, end);
    tell(job, (end - intended) / ticksPerMs, intended * tickNs, isOver, Math.max(0, sent - intended) / ticksPerMs);
  });
}

/** In ticks; a run without faults is all before them. */
function troubled({ incidents }: Ledger): { readonly from: number; readonly to: number } {
  const from = incidents.reduce((first, incident) => Math.min(first, incident.from), Number.POSITIVE_INFINITY);
  const to = incidents.reduce((last, incident) => Math.max(last, incident.to), Number.NEGATIVE_INFINITY);
  return { from: from / tickNs, to: to / tickNs };
}
