/**
 * Finds the dead and takes over what they held. Who is dead is judged by a counter that does not move, on the sweeper's
 * own monotonic clock, and only by time that the sweeper itself was in touch with the broker: an outage kills nobody.
 */
import { nowMs } from "./clock.ts";
import type { Held } from "./entry.ts";
import { shuffled } from "./random.ts";
import type { Steps } from "./steps.ts";

export interface Sweeper {
  /** Looks around once; false when the broker could not be asked. */
  sweep(): Promise<boolean>;
  /** The time until now does not count against anybody: there was no touch. */
  outOfTouch(): void;
  /** Whether there are dead from whom something may be taken. */
  hasWork(): boolean;
  /** Up to `limit` entries of the dead; "lost" when the sweeper itself was declared dead. */
  claim(limit: number): Promise<readonly Held[] | "lost">;
}

export function sweeperFor(
  me: string,
  steps: Pick<Steps, "survey" | "bury" | "claim">,
  { leaseMs, sweepMs }: { readonly leaseMs: number; readonly sweepMs: number },
): Sweeper {
  /** The counter that was seen last, and for how long it has not moved. */
  const watched = new Map<string, { readonly counter: string; readonly stillMs: number }>();
  let lookedAt: number | undefined;
  /** In random order, so that several sweepers begin at different ones; kept until nothing is left to take. */
  let dead: string[] = [];

  /** Those whose counter has stood still for a lease, as far as they could be declared dead. */
  async function bury(counters: ReadonlyMap<string, string>, passedMs: number): Promise<readonly string[]> {
    const buried: string[] = [];
    for (const worker of watched.keys()) if (!counters.has(worker)) watched.delete(worker);
    for (const [worker, counter] of counters) {
      if (worker === me) continue;
      const seen = watched.get(worker);
      const stillMs = seen?.counter === counter ? seen.stillMs + passedMs : 0;
      watched.set(worker, { counter, stillMs });
      if (stillMs >= leaseMs && (await steps.bury(worker, counter)) === true) buried.push(worker);
    }
    return buried;
  }

  return {
    async sweep() {
      const survey = await steps.survey();
      if (survey === undefined) {
        lookedAt = undefined;
        return false;
      }
      const now = nowMs();
      // After a long pause nobody knows who could beat and who could not: no more than two sweeps of it count.
      const passedMs = lookedAt === undefined ? 0 : Math.min(now - lookedAt, 2 * sweepMs);
      lookedAt = now;
      const buried = await bury(survey.counters, passedMs);
      const strangers = [...survey.pending.keys()].filter((consumer) => !survey.counters.has(consumer));
      dead = shuffled([...new Set([...buried, ...strangers])]).filter((consumer) => consumer !== me);
      return true;
    },
    outOfTouch() {
      lookedAt = undefined;
    },
    hasWork: () => dead.length > 0,
    async claim(limit) {
      const claimed: Held[] = [];
      for (let victim = dead[0]; victim !== undefined && claimed.length < limit; victim = dead[0]) {
        const step = await steps.claim(me, victim, limit - claimed.length);
        if (step === undefined) break;
        if (step.state === "lost") return "lost";
        claimed.push(...step.entries);
        if (step.state !== "more" && dead[0] === victim) dead.shift();
      }
      return claimed;
    },
  };
}
