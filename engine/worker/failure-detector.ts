/**
 * A failure detector: for how long a counter (a heartbeat, the number of a lane, a tick) has not moved, on the
 * watcher's own monotonic clock, and only counting time in which the watcher itself was in touch with the broker. So no
 * jump of a wall clock, and no outage, makes anybody look dead.
 */
import type { Still } from "../redis/steps.ts";
import type { Time } from "../std/clock.ts";

export interface FailureDetector {
  /**
   * Each counter that there is, with how long it has stood still.
   * @param reported what others saw of those that are looked at for the first time
   */
  look(counters: ReadonlyMap<string, string>, reported?: ReadonlyMap<string, Omit<Still, "name">>): readonly Still[];
  /** The time until the next look does not count: nobody could be seen. */
  outOfTouch(): void;
}

/** @param atMostMs what one look adds at most: after a long pause nobody knows who could move and who could not */
export function failureDetector(atMostMs: number, time: Pick<Time, "nowMs">): FailureDetector {
  let seen = new Map<string, Still>();
  let lookedAt: number | undefined;
  return {
    look(counters, reported) {
      const at = time.nowMs();
      const passedMs = lookedAt === undefined ? 0 : Math.min(at - lookedAt, atMostMs);
      lookedAt = at;
      const all = [...counters].map(([name, value]): Still => {
        const before = seen.get(name);
        if (before !== undefined)
          return { name, value, stillMs: before.value === value ? before.stillMs + passedMs : 0 };
        const other = reported?.get(name);
        return { name, value, stillMs: other?.value === value ? other.stillMs : 0 };
      });
      seen = new Map(all.map((still) => [still.name, still]));
      return all;
    },
    outOfTouch() {
      lookedAt = undefined;
    },
  };
}
