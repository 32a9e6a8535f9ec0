/**
 * From the record of a round to figures of its slices: every job is counted where the history says that it was settled,
 * and one that never was with its age at the end of the round, or a slice would be the faster for the jobs that it
 * lost.
 */
import { curvePercents, percentile } from "../../std/percentile.ts";
import { never, tickNs, type Ledger } from "../../history/ledger.ts";
import type { Slice } from "./contract.ts";
import { brokersOf, undisturbed } from "./undisturbed.ts";

/** One slice of one configuration as the record tells it. */
export interface SliceFigures {
  readonly jobs: number;
  /** Of these, never settled: all figures are what they are at least. */
  readonly unfinished: number;
  /** From the first start to the last settlement. */
  readonly wallMs: number;
  /** The same without the time that the machine gave to others. */
  readonly undisturbedMs: number;
  readonly workerMicrosPerJob: number;
  readonly brokerMicrosPerJob: number;
  /** End to end, from the intended time, ascending, ms. */
  readonly latenciesMs: Float64Array;
  /** The shortest of those that are ages: from there on, latencies are what they are at least. */
  readonly atLeastFromMs: number | undefined;
}

const msPerTick = tickNs / 1e6;

/**
 * Undefined where nothing was begun, or not all was sent.
 * @param waiting handlers at once, where they wait for something; 0 where they do not
 */
export function figuresOf(
  { columns, run, phases }: Ledger,
  { from, to, stretches }: Slice,
  waiting: number,
): SliceFigures | undefined {
  const jobs = to - from;
  const finishes = new Float64Array(jobs);
  const end = Math.floor(phases.drainTo / tickNs);
  const finishedAt = run.tellsSettlements ? columns.settledAt : columns.lastEndAt;
  const latenciesMs = new Float64Array(jobs);
  let first = never;
  let last = 0;
  let unfinished = 0;
  let youngest = Number.POSITIVE_INFINITY;
  for (let job = from; job < to; job++) {
    const started = columns.firstStartAt[job] ?? never;
    const settled = finishedAt[job] ?? never;
    const finished = settled === never ? end : settled;
    const intended = columns.intendedAt[job] ?? never;
    if (intended === never) return undefined;
    const latencyMs = Math.max(0, finished - intended) * msPerTick;
    if (started < first) first = started;
    if (finished > last) last = finished;
    latenciesMs[job - from] = latencyMs;
    finishes[job - from] = finished;
    if (settled !== never) continue;
    unfinished++;
    if (latencyMs < youngest) youngest = latencyMs;
  }
  if (first === never) return undefined;
  const busy = waiting === 0 ? undefined : busyTicks(finishes.sort(), waiting);
  const perJob = (ns: number): number => ns / 1e3 / Math.max(1, jobs - unfinished);
  const wallNs = (busy ?? last - first) * tickNs;
  return {
    jobs,
    unfinished,
    wallMs: wallNs / 1e6,
    // While a process waits for a processor, its handlers wait on: nothing is taken off.
    undisturbedMs: (waiting === 0 ? undisturbed(wallNs, stretches) : wallNs) / 1e6,
    workerMicrosPerJob: perJob(stretches.reduce((sum, { worker }) => sum + worker.ran, 0)),
    brokerMicrosPerJob: perJob(brokersOf(stretches).reduce((sum, { ran }) => sum + ran, 0)),
    latenciesMs: latenciesMs.sort(),
    atLeastFromMs: unfinished === 0 ? undefined : youngest,
  };
}

/**
 * For all of them, at the pace at which they were done while all handlers were taken, and had not begun together:
 * without the first to end and the last, as many as there are handlers. Undefined where too few are left.
 */
function busyTicks(finishes: Float64Array, handlers: number): number | undefined {
  const [first, last] = [finishes[handlers - 1], finishes[finishes.length - handlers - 1]];
  const counted = finishes.length - 2 * handlers;
  if (first === undefined || last === undefined || counted < 2 * handlers || last <= first) return undefined;
  return ((last - first) * finishes.length) / counted;
}

export const percentileCurve = (ascending: Float64Array): [number, number][] =>
  [...curvePercents(ascending.length), 100].map((percent) => [percent, percentile(ascending, percent)]);
