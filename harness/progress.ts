/** What a person likes to know while a run goes on, computed a few times a second from the fleet's own counts. */
import type { Clock } from "../std/clock.ts";
import { beat } from "../std/turn.ts";
import { movementOf, type DrainLimits } from "./drain.ts";
import { noCounts, type JobCounts } from "../fleet/messages.ts";
import type { Failure } from "../fleet/failure.ts";
import type { Fleet } from "../fleet/supervisor.ts";
import type { Plan } from "./plan.ts";
import type { FaultsUnderWay } from "./trouble.ts";

export type Stage = "starting" | "load" | "healing" | "draining" | "stopping" | "scanning" | "judging";

export interface Progress {
  readonly stage: Stage;
  readonly elapsedMs: number;
  /** Until the end of the load phase; undefined where nobody can know. */
  readonly leftMs: number | undefined;
  readonly planned: number;
  readonly counts: JobCounts;
  readonly offeredPerSecond: number;
  readonly donePerSecond: number;
  /**
   * Acknowledged, and neither done nor dead, as told: what a killed process had done since it last told is missing for
   * good.
   */
  readonly backlog: number;
  /** While it drains: until its deadline, since anything moved, and for how long nothing may before it is stuck. */
  readonly drain: { readonly leftMs: number; readonly unmovedMs: number; readonly stuckMs: number } | undefined;
  readonly workers: { readonly alive: number; readonly of: number };
  readonly faults: { readonly inForce: readonly string[]; readonly past: number; readonly of: number };
}

/** Tells the progress until disposed of; knows more as the run goes on. */
export interface Watch extends Disposable {
  stage(name: Stage): void;
  follow(fleet: Crew): void;
  /** The load begins; `broken` is called when the fleet cannot be kept. */
  load(originNs: number, faults: FaultsUnderWay, broken: (failure: Failure) => void): void;
}

const everyMs = 250;

/** Whom it is told of. */
type Crew = Pick<Fleet, "counts" | "alive" | "broken" | "turnover" | "atWork">;
type Planned = Pick<Plan, "jobs" | "seconds" | "tellsSettlements" | "limits"> & {
  readonly load: Pick<Plan["load"], "workers">;
  readonly schedule: Pick<Plan["schedule"], "length">;
};

export function watchProgress(
  plan: Planned,
  tools: { readonly clock: Clock; progress(progress: Progress): void },
): Watch {
  let stage: Stage = "starting";
  let originNs = tools.clock.nowNs();
  let crew: Crew | undefined;
  let faults: FaultsUnderWay | undefined;
  let ended: ((failure: Failure) => void) | undefined;
  let offered = rateOf();
  let done = rateOf();
  const drainOf = drainWithin(plan.limits);
  const watching = beat(everyMs, () => {
    const failure = crew?.broken();
    if (failure !== undefined) ended?.(failure);
    const elapsedMs = (tools.clock.nowNs() - originNs) / 1e6;
    const counts = crew?.counts() ?? noCounts;
    const finished = plan.tellsSettlements ? counts.settled : counts.ended + counts.failedForGood;
    tools.progress({
      stage,
      elapsedMs,
      leftMs: stage === "load" ? Math.max(0, plan.seconds * 1000 - elapsedMs) : undefined,
      planned: plan.jobs,
      counts,
      offeredPerSecond: offered(counts.sent, elapsedMs),
      donePerSecond: done(finished, elapsedMs),
      backlog: Math.max(0, counts.acknowledged - finished),
      drain: stage === "draining" && crew !== undefined ? drainOf(crew, elapsedMs) : undefined,
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

/** As a drain counts it, which begins with the first question. */
function drainWithin({ deadlineMs, stuckMs, runMs }: DrainLimits): (crew: Crew, nowMs: number) => Progress["drain"] {
  let beganMs: number | undefined;
  let seen = { moved: -1, atMs: 0 };
  return (crew, nowMs) => {
    beganMs ??= nowMs;
    const { moved, atWork } = movementOf(crew);
    if (moved() !== seen.moved) seen = { moved: moved(), atMs: nowMs };
    return {
      leftMs: Math.max(0, beganMs + deadlineMs - nowMs),
      unmovedMs: nowMs - seen.atMs,
      stuckMs: stuckMs + (atWork() > 0 ? runMs : 0),
    };
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
