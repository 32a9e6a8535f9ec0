/** What a person likes to know while a run goes on, computed a few times a second from the fleet's own counts. */
import type { Counts } from "./load/messages.ts";

export type Stage = "starting" | "load" | "healing" | "draining" | "stopping" | "scanning" | "judging";

export interface Progress {
  readonly stage: Stage;
  readonly elapsedMs: number;
  /** Until the end of the load phase; undefined where nobody can know. */
  readonly leftMs: number | undefined;
  readonly planned: number;
  readonly counts: Counts;
  readonly offeredPerSecond: number;
  readonly donePerSecond: number;
  /** Acknowledged and not settled. */
  readonly backlog: number;
  readonly workers: { readonly alive: number; readonly of: number };
  readonly faults: { readonly inForce: readonly string[]; readonly past: number; readonly of: number };
}

/** Rates over the last second or so, from sums that are seen now and then. */
export function rateOf(windowMs = 1000): (sum: number, nowMs: number) => number {
  const seen: { sum: number; at: number }[] = [];
  return (sum, at) => {
    seen.push({ sum, at });
    while (seen.length > 2 && at - (seen[1]?.at ?? at) >= windowMs) seen.shift();
    const first = seen[0];
    return first === undefined || at === first.at ? 0 : ((sum - first.sum) * 1000) / (at - first.at);
  };
}
