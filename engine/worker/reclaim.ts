/** Reclaims the pending entries of dead consumers: finds out who is dead, and takes what is in their PELs. */
import type { PendingEntry } from "../redis/entry.ts";
import { suspected } from "../redis/keys.ts";
import type { Steps } from "../redis/steps.ts";
import { failureDetector } from "./failure-detector.ts";
import type { Host } from "./host.ts";

export interface Reclaim {
  /** Looks around once; false when the broker could not be asked. */
  sweep(): Promise<boolean>;
  /** The time until now does not count against anybody: there was no touch. */
  outOfTouch(): void;
  /**
   * Whether it has looked around at all: before that nobody knows of the dead, and whoever reads may read past them.
   */
  hasLooked(): boolean;
  /** Whether there are dead from whom something may be taken. */
  hasWork(): boolean;
  /** Whether there are jobs that are to run alone. */
  hasSuspects(): boolean;
  /**
   * Up to `limit` entries of the dead, handed to `onTaken` as they come: until they are, there is work. Whoever heard
   * that there is none while they were on their way would read as if its slots were free.
   */
  claim(limit: number, onTaken: (entries: readonly PendingEntry[]) => void): Promise<Claiming>;
}

/** `unanswered`: more may have been taken than was handed over. `lost`: this consumer itself was declared dead. */
export type Claiming = "some" | "none" | "unanswered" | "lost";

/** Longer than between two heartbeats: that is reported, for those who come when all who saw it are gone. */
const silentMs = (leaseMs: number): number => Math.min(0.3 * leaseMs, 3000);
const reportedAtOnce = 100;
const keptLeases = 3;

export function reclaimOf(
  { name: me, steps }: { readonly name: string; readonly steps: Pick<Steps, "survey" | "watch" | "bury" | "claim"> },
  { leaseMs, sweepMs }: { readonly leaseMs: number; readonly sweepMs: number },
  { time, chance }: Pick<Host, "time" | "chance">,
): Reclaim {
  const heartbeats = failureDetector(2 * sweepMs, time);
  /** In random order, so that several workers begin at different ones; kept until nothing is left to take. */
  let dead: string[] = [];
  let suspects = false;
  let looked = false;

  return {
    async sweep() {
      const survey = await steps.survey();
      if (survey === undefined) {
        heartbeats.outOfTouch();
        return false;
      }
      const buried: string[] = [];
      const others = heartbeats.look(survey.counters, survey.watched).filter(({ name }) => name !== me);
      for (const { name, value, stillMs } of others) {
        if (stillMs >= leaseMs && (await steps.bury(name, value)) === true) buried.push(name);
      }
      const silent = others.filter(({ name, stillMs }) => stillMs > silentMs(leaseMs) && !buried.includes(name));
      if (silent.length > 0) await steps.watch(silent.slice(0, reportedAtOnce), keptLeases * leaseMs);
      const strangers = [...survey.pending.keys()].filter((consumer) => !survey.counters.has(consumer));
      dead = chance
        .shuffled([...new Set([...buried, ...strangers])])
        .filter((name) => name !== me && name !== suspected);
      suspects = (survey.pending.get(suspected) ?? 0) > 0;
      looked = true;
      return true;
    },
    outOfTouch: heartbeats.outOfTouch,
    hasLooked: () => looked,
    hasWork: () => dead.length > 0,
    hasSuspects: () => suspects,
    async claim(limit, onTaken) {
      let count = 0;
      for (let victim = dead[0]; victim !== undefined && count < limit; victim = dead[0]) {
        const step = await steps.claim(me, victim, limit - count);
        if (step === undefined) return "unanswered";
        if (step.state === "lost") return "lost";
        count += step.entries.length;
        onTaken(step.entries);
        if (step.state !== "more" && dead[0] === victim) dead.shift();
      }
      return count === 0 ? "none" : "some";
    },
  };
}
