/**
 * How long a run may take, and whatever it asks of others: what is printed before a run is what ends it, should nothing
 * else.
 */
import type { Load } from "../scenarios/contract.ts";
import type { DrainLimits } from "./drain.ts";

export interface RunLimits extends DrainLimits {
  /** For each thing that is asked of an adapter: to connect, to show a page of what it holds. */
  readonly patienceMs: number;
  /**
   * Beside its run, a handler in hand may take this long after everything was drained: another may have done its job.
   */
  readonly graceMs: number;
  /** For the run as a whole, to its last page. */
  readonly mostMs: number;
}

const patienceMs = 60_000;
const graceMs = 20_000;
/** For whatever is started, and for what is read and judged in the end. */
const aroundMs = 60_000;
const perJobMs = 0.02;

export const runLimits = ({ seconds, jobs }: Load, drain: DrainLimits): RunLimits => ({
  ...drain,
  patienceMs,
  graceMs,
  mostMs: Math.ceil(seconds * 1000 + drain.deadlineMs + graceMs + drain.runMs + aroundMs + jobs * perJobMs),
});
