/**
 * A failure detector: for how long a counter (a heartbeat, a sequence number, a tick) has not moved, on the
 * watcher's own monotonic clock, and only counting time in which the watcher itself was in touch with the broker. So no
 * jump of a wall clock, and no outage, makes anybody look dead.
 */
import type { Still } from "../redis/steps.ts";
import type { Time } from "../std/clock.ts";

export interface FailureDetector {
  /**
   * Each counter that there is, with how long it has stood still.
   * @param reported what others saw of them: it counts where the counter still is what they saw, and this watcher was
   * not there, or not in touch, when that began
   */
  look(counters: ReadonlyMap<string, string>, reported?: ReadonlyMap<string, Omit<Still, "name">>): readonly Still[];
  /** The time until the next look does not count: nobody could be seen. */
  outOfTouch(): void;
}

/** @param atMostMs what one look adds at most: after a long pause nobody knows who could move and who could not */
export function failureDetector(atMostMs: number, time: Pick<Time, "nowMs">): FailureDetector {
  let seen = new Map<string, Still>();
  /** Counters whose last movement was seen, in touch ever since: nobody else can know better. */
  const witnessed = new Set<string>();
  let lookedAt: number | undefined;
  return {
    look(counters, reported) {
      const at = time.nowMs();
      const passedMs = lookedAt === undefined ? 0 : Math.min(at - lookedAt, atMostMs);
      const wasAway = lookedAt === undefined || at - lookedAt > atMostMs;
      if (wasAway) witnessed.clear();
      lookedAt = at;
      const all = [...counters].map(([name, value]): Still => {
        const [own, other] = [seen.get(name), reported?.get(name)];
        if (own !== undefined && own.value !== value && !wasAway) witnessed.add(name);
        const ownMs = own?.value === value ? own.stillMs + passedMs : 0;
        const counts = other?.value === value && !witnessed.has(name);
        return { name, value, stillMs: counts ? Math.max(ownMs, other.stillMs) : ownMs };
      });
      seen = new Map(all.map((still) => [still.name, still]));
      return all;
    },
    outOfTouch() {
      lookedAt = undefined;
    },
  };
}
