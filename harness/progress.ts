/** What a person likes to know while a run goes on, computed a few times a second from the fleet's own counts. */
import type { Clock } from "../std/clock.ts";
import { beat } from "../std/turn.ts";
import { noCounts, type Counts } from "./load/messages.ts";
import type { Failure } from "./load/failure.ts";
import type { Fleet } from "./load/supervisor.ts";
import type { Plan } from "./plan.ts";
import type { Trouble } from "./trouble.ts";

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
  /** Acknowledged and not settled, as told: what a killed process had done since it last told is missing for good. */
  readonly backlog: number;
  readonly workers: { readonly alive: number; readonly of: number };
  readonly faults: { readonly inForce: readonly string[]; readonly past: number; readonly of: number };
}

/** Tells the progress until disposed of; knows more as the run goes on. */
export interface Watch extends Disposable {
  stage(name: Stage): void;
  follow(fleet: Fleet): void;
  /** The load begins; `broken` is called when the fleet cannot be kept. */
  load(originNs: number, faults: Trouble, broken: (failure: Failure) => void): void;
}

const everyMs = 250;

export function watchProgress(plan: Plan, tools: { readonly clock: Clock; progress(progress: Progress): void }): Watch {
  let stage: Stage = "starting";
  let originNs = tools.clock.nowNs();
  let crew: Fleet | undefined;
  let faults: Trouble | undefined;
  let ended: ((failure: Failure) => void) | undefined;
  let offered = rateOf();
  let done = rateOf();
  const watching = beat(everyMs, () => {
    const failure = crew?.broken();
    if (failure !== undefined) ended?.(failure);
    const nowMs = (tools.clock.nowNs() - originNs) / 1e6;
    const counts = crew?.counts() ?? noCounts;
    const finished = plan.tellsSettlements ? counts.settled : counts.ended;
    tools.progress({
      stage,
      elapsedMs: nowMs,
      leftMs: stage === "load" ? Math.max(0, plan.seconds * 1000 - nowMs) : undefined,
      planned: plan.jobs,
      counts,
      offeredPerSecond: offered(counts.sent, nowMs),
      donePerSecond: done(finished, nowMs),
      backlog: Math.max(0, counts.acknowledged - finished),
      workers: { alive: crew?.alive("worker") ?? 0, of: plan.load.workers },
      faults: { inForce: faults?.inForce() ?? [], past: faults?.past() ?? 0, of: plan.schedule.length },
    });
  });
  return {
    stage: (name) => void (stage = name),
    follow: (fleet) => void (crew = fleet),
    load(origin, trouble, broken) {
      stage = "load";
      originNs = origin;
      offered = rateOf(); // the axis has another origin now
      done = rateOf();
      faults = trouble;
      ended = broken;
    },
    [Symbol.dispose]: () => watching[Symbol.dispose](),
  };
}

/** Rates over the last second or so, from sums that are seen now and then. */
function rateOf(windowMs = 1000): (sum: number, nowMs: number) => number {
  const seen: { sum: number; at: number }[] = [];
  return (sum, at) => {
    seen.push({ sum, at });
    while (seen.length > 2 && at - (seen[1]?.at ?? at) >= windowMs) seen.shift();
    const first = seen[0];
    return first === undefined || at === first.at ? 0 : ((sum - first.sum) * 1000) / (at - first.at);
  };
}
