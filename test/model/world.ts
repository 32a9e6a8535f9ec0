/**
 * What one made history is about, drawn from its seed: a queue with its terms, a load, a fleet. All that the queue
 * promises follows from how it works, so a history of it without a planted violation has to be found in order.
 */
import { boundsOf, type Bounds } from "../../history/bounds.ts";
import { deadFieldNames } from "../../history/record.ts";
import { checks } from "../../checks/index.ts";
import { claimsInForce } from "../../harness/verdict.ts";
import type { Claims } from "../../systems/contract.ts";
import type { Dice } from "./dice.ts";
import { heardAgainMs } from "./process.ts";
import { drawLoad, type JobPlan, type LoadKind } from "./load.ts";

/** How the queue works. */
export interface Terms {
  /** Who is silent for this long, in the eyes of somebody who watches, loses what he holds. */
  readonly leaseMs: number;
  readonly watchedBy: "workers" | "store";
  /** Between two signs of life. */
  readonly beatMs: number;
  /** Between two looks for the silent. */
  readonly sweepMs: number;
  /** A broken connection is back by then. */
  readonly reconnectMs: number;
  readonly handsBackOnDisconnect: boolean;
  /**
   * So many jobs are received before there is a hand free for them, and handed back if that takes longer than
   * `readAheadMs`.
   */
  readonly readAhead: number;
  readonly readAheadMs: number;
  /** One way, at the most; on a link that a fault has slowed down, this much more. */
  readonly latencyMs: number;
  readonly slowMs: number;
  /** Between the end of a run and its settlement, beside the way there. */
  readonly settleAfterMs: number;
  /** For how long runs may go on in a process that was asked to stop. */
  readonly graceMs: number;
  /** How much later than due somebody looks for a retry, or a delay. */
  readonly lookMs: number;
  /** A process that hears nothing still sends its signs of life. */
  readonly deafIsHeard: boolean;
  /** A process that comes back starts what it had received only once it knows that it still has it. */
  readonly confirms: boolean;
  /** Runs that end their worker before such a job is dead. */
  readonly poisonAfter: number;
  /** Of the wait before the n-th retry to that before the next. */
  readonly backoffFactor: number;
  /** The wait may be that much longer. */
  readonly jitter: number;
  /** Enqueues without an answer are given up after so long. */
  readonly enqueueMs: number;
}

export interface World {
  readonly terms: Terms;
  readonly bounds: Bounds;
  readonly claims: Claims;
  readonly tellsSettlements: boolean;
  readonly jobs: readonly JobPlan[];
  readonly loadMs: number;
  readonly workers: number;
  readonly producers: number;
  readonly concurrency: number;
  readonly attempts: number;
  readonly backoffMs: number;
  readonly priorities: readonly { readonly name: string; readonly weight: number }[];
  readonly exercises: readonly string[];
}

/** What a history has to have for something that is to happen in it; the rest is drawn. */
export interface Wishes {
  readonly tells?: boolean;
  readonly failing?: boolean;
  readonly delays?: boolean;
  /** So many jobs take their workers along. */
  readonly killers?: number;
  readonly deadly?: boolean;
  /** More than one worker. */
  readonly fleet?: boolean;
  /** Whether some are enqueued under the keys of others. */
  readonly repeats?: boolean;
  /** Nobody stands still by himself. */
  readonly calm?: boolean;
  readonly load?: LoadKind;
}

/** @param faults so many there are at the most: after each, somebody may have to connect again */
export function drawWorld(dice: Dice, wishes: Wishes, faults: number): World {
  const tellsSettlements = wishes.tells ?? dice.chance(0.7);
  const attempts = dice.count(2, 4);
  const isShares = wishes.load === "shares";
  const isQuick = isShares || wishes.load === "steady";
  const workers = isShares ? 2 : dice.count(wishes.fleet ? 2 : 1, 4);
  const concurrency = dice.count(1, isShares ? 2 : 3);
  const load = drawLoad(dice, { hands: workers * concurrency, attempts, wishes });
  const terms = drawTerms(dice, load.longestMs, concurrency, isQuick);
  const bounds = boundsFrom(terms, workers, load.longestMs, faults);
  return {
    terms,
    bounds,
    claims: claimsInForce({ claims: () => claimsFrom(terms, bounds) }, {}, bounds, { checks, name: "model" }),
    tellsSettlements,
    jobs: load.jobs,
    loadMs: load.loadMs,
    workers,
    producers: dice.count(1, 2),
    concurrency,
    attempts,
    backoffMs: Math.round(dice.spread(100, 3000)),
    priorities: load.priorities,
    exercises: wishes.load === "crowd" ? ["enqueue-unhindered"] : [],
  };
}

/** @param quick where something has to be late within a short history */
function drawTerms(dice: Dice, longestMs: number, concurrency: number, quick: boolean): Terms {
  const leaseMs = Math.round(dice.spread(1000, quick ? 1200 : 30_000));
  const readAhead = dice.chance(0.3) ? 0 : dice.count(1, concurrency + 1);
  return {
    leaseMs,
    watchedBy: dice.pick(["workers", "store"]),
    beatMs: Math.round(leaseMs * dice.within(0.1, 0.5)),
    sweepMs: Math.round(dice.spread(50, quick ? 100 : leaseMs / 3)),
    reconnectMs: Math.round(dice.spread(200, quick ? 300 : 10_000)),
    handsBackOnDisconnect: dice.chance(0.08),
    readAhead,
    readAheadMs: Math.round(dice.within(100, 500) + longestMs),
    latencyMs: dice.within(0.3, 3),
    slowMs: dice.within(10, quick ? 20 : 200),
    settleAfterMs: dice.chance(0.5) ? 0 : dice.spread(1, quick ? 50 : 200),
    graceMs: Math.round(longestMs + dice.within(1000, 6000)),
    lookMs: Math.round(dice.chance(0.5) ? dice.within(5, 50) : dice.spread(50, 2000)),
    deafIsHeard: dice.chance(0.5),
    confirms: dice.chance(0.5),
    poisonAfter: dice.count(2, 4),
    backoffFactor: dice.pick([1, 2, 3]),
    jitter: dice.pick([0, 0.2, 0.5]),
    enqueueMs: Math.round(dice.spread(1000, 30_000)),
  };
}

/** More than the queue itself needs: to begin, to go on after a pause, to hand something out. */
const slackMs = 500;
/** Whoever is asked to stop while he stands still for a moment is that much later. */
const farewellMs = 3500;

function boundsFrom(terms: Terms, workers: number, longestMs: number, faults: number): Bounds {
  const { leaseMs, beatMs, sweepMs, reconnectMs, slowMs, latencyMs, settleAfterMs, watchedBy } = terms;
  const wayMs = latencyMs + slowMs;
  // Whoever comes back to watch connects first, and sees what is gone in two looks.
  const surelyMs = leaseMs + 2 * sweepMs + (watchedBy === "workers" ? reconnectMs : 0);
  const workOffMs = (workers + 2) * longestMs + settleAfterMs + 10 * wayMs + slackMs;
  return boundsOf({
    recoveryMs: Math.ceil(surelyMs + (faults + 1) * reconnectMs + workOffMs),
    retryMs: terms.lookMs,
    // What one has received waits for its hands, and is handed back when the next of them is free.
    startMs: Math.ceil(terms.readAheadMs + 2 * longestMs + 10 * wayMs + slackMs),
    leaseMs: Math.ceil(surelyMs),
    giveAwayMs: Math.max(0, Math.floor(leaseMs - beatMs - wayMs - heardAgainMs)),
    reconnectMs,
    readAheadMs: terms.readAheadMs,
    settleMs: Math.ceil(settleAfterMs + 3 * wayMs + 10),
    watchedBy,
    handsBackOnDisconnect: terms.handsBackOnDisconnect,
    deduplicationMs: rememberMs,
  });
}

/** Its keys are known for as long as a history lasts. */
const rememberMs = 3_600_000;

const causes = ["killed", "paused", "cut-off", "reply-lost", "store-away", "stalled"];

function claimsFrom(
  { backoffFactor, graceMs, poisonAfter, jitter, lookMs }: Terms,
  { recoveryMs, startMs }: Bounds,
): Claims {
  return {
    "one-verdict": {},
    fenced: {},
    "duplicates-explained": { causes },
    "no-premature-reclaim": { causes },
    "attempts-exact": { crashes: "free" },
    "retry-not-early": { factor: backoffFactor },
    "delayed-not-early": {},
    "retry-on-time": { boundMs: startMs + lookMs, lookMs, factor: backoffFactor, jitter },
    "dead-letter-exactly-once": {},
    "dead-letter-complete": { fields: [...deadFieldNames] },
    "poison-isolated": { deliveries: poisonAfter, fewest: poisonAfter },
    "no-starvation": { boundMs: recoveryMs },
    "priority-honoured": { atLeast: 0.5 },
    "graceful-stop": { graceMs: graceMs + farewellMs },
    "enqueue-unhindered": { times: 10 },
    "metrics-truthful": {},
    deduplicated: {},
  };
}
