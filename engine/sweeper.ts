/** Finds the dead and takes over what they held; drops the lanes that nobody uses any more. */
import type { Held } from "./entry.ts";
import { suspected } from "./keys.ts";
import { deadlineMsMax } from "./lane.ts";
import { shuffled } from "./random.ts";
import { stillnessOf } from "./stillness.ts";
import type { Steps } from "./steps.ts";

export interface Sweeper {
  /** Looks around once; false when the broker could not be asked. */
  sweep(): Promise<boolean>;
  /** The time until now does not count against anybody: there was no touch. */
  outOfTouch(): void;
  /** Whether it has looked around at all: before that nobody knows of the dead, and whoever reads may read past them. */
  hasLooked(): boolean;
  /** Whether there are dead from whom something may be taken. */
  hasWork(): boolean;
  /** Whether there are jobs that are to run alone. */
  hasSuspects(): boolean;
  /**
   * Up to `limit` entries of the dead, told as they come: until they are, there is work. Whoever heard that there is none while
   * they were on their way would read as if its hands were free.
   */
  claim(limit: number, took: (entries: readonly Held[]) => void): Promise<Claiming>;
}

/** `unanswered`: more may have been taken than was told. `lost`: the sweeper itself was declared dead. */
export type Claiming = "some" | "none" | "unanswered" | "lost";

/** Longer than between two signs of life: that is told, for those who come when all who saw it are gone. */
const silentMs = (leaseMs: number): number => Math.min(0.3 * leaseMs, 3000);
const toldAtOnce = 100;
const keptLeases = 3;

export function sweeperFor(
  me: string,
  steps: Pick<Steps, "survey" | "watch" | "bury" | "claim">,
  { leaseMs, sweepMs }: { readonly leaseMs: number; readonly sweepMs: number },
): Sweeper {
  const counters = stillnessOf(2 * sweepMs);
  /** In random order, so that several sweepers begin at different ones; kept until nothing is left to take. */
  let dead: string[] = [];
  let suspects = false;
  let looked = false;

  return {
    async sweep() {
      const survey = await steps.survey();
      if (survey === undefined) {
        counters.outOfTouch();
        return false;
      }
      const buried: string[] = [];
      const others = counters.look(survey.counters, survey.watched).filter(({ name }) => name !== me);
      for (const { name, value, stillMs } of others) {
        if (stillMs >= leaseMs && (await steps.bury(name, value)) === true) buried.push(name);
      }
      const silent = others.filter(({ name, stillMs }) => stillMs > silentMs(leaseMs) && !buried.includes(name));
      if (silent.length > 0) await steps.watch(silent.slice(0, toldAtOnce), keptLeases * leaseMs);
      const strangers = [...survey.pending.keys()].filter((consumer) => !survey.counters.has(consumer));
      dead = shuffled([...new Set([...buried, ...strangers])]).filter((name) => name !== me && name !== suspected);
      suspects = (survey.pending.get(suspected) ?? 0) > 0;
      looked = true;
      return true;
    },
    outOfTouch: counters.outOfTouch,
    hasLooked: () => looked,
    hasWork: () => dead.length > 0,
    hasSuspects: () => suspects,
    async claim(limit, took) {
      let count = 0;
      for (let victim = dead[0]; victim !== undefined && count < limit; victim = dead[0]) {
        const step = await steps.claim(me, victim, limit - count);
        if (step === undefined) return "unanswered";
        if (step.state === "lost") return "lost";
        count += step.entries.length;
        took(step.entries);
        if (step.state !== "more" && dead[0] === victim) dead.shift();
      }
      return count === 0 ? "none" : "some";
    },
  };
}

/** No producer waits for an answer any more when its lane has not moved for this long. */
const laneMs = 2 * deadlineMsMax;
export const laneSweepMs = 60_000;

/** Looks at the lanes once, and drops those that have stood still for long. */
export function laneSweeperFor(steps: Pick<Steps, "lanes" | "dropLane">): () => Promise<void> {
  const numbers = stillnessOf(2 * laneSweepMs);
  return async () => {
    const lanes = await steps.lanes();
    if (lanes === undefined) return numbers.outOfTouch();
    for (const { name, value, stillMs } of numbers.look(lanes)) {
      if (stillMs >= laneMs) await steps.dropLane(name, value);
    }
  };
}

const tickMsMax = 60_000;
const ticksPerTurn = 10;

/** How callers' keys are forgotten that were remembered for `rememberMs`: no clock of the broker's takes part, for a jump of it would bend the time. */
export function forgetterFor(
  steps: Pick<Steps, "ticks" | "tick">,
  rememberMs: number,
): { readonly tickMs: number; look(): Promise<void> } {
  const tickMs = Math.min(rememberMs / ticksPerTurn, tickMsMax);
  const turn = Math.ceil(rememberMs / tickMs);
  const counter = stillnessOf(2 * tickMs);
  return {
    tickMs,
    /** To be called about once a tick: what did not move for one moves on. */
    async look() {
      for (let ticked: boolean | undefined = true; ticked === true;) {
        const seen = await steps.ticks();
        if (seen === undefined) return counter.outOfTouch();
        const [still] = counter.look(new Map([["ticks", seen]]));
        ticked = still !== undefined && still.stillMs >= tickMs && (await steps.tick(seen, turn));
      }
    },
  };
}
