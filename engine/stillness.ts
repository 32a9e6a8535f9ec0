/**
 * For how long a counter has not moved: on the watcher's own monotonic clock, and only counting time in which the watcher
 * itself was in touch with the broker. So no jump of a wall clock, and no outage, makes anybody look dead.
 */
import { nowMs } from "./clock.ts";

export interface Stillness {
  /**
   * Each counter that there is, with how long it has stood still.
   * @param told what others saw of those that are looked at for the first time
   */
  look(counters: ReadonlyMap<string, string>, told?: ReadonlyMap<string, Omit<Still, "name">>): readonly Still[];
  /** The time until the next look does not count: nobody could be seen. */
  outOfTouch(): void;
}

export interface Still {
  readonly name: string;
  readonly value: string;
  readonly stillMs: number;
}

/** @param atMostMs what one look adds at most: after a long pause nobody knows who could move and who could not */
export function stillnessOf(atMostMs: number, now: () => number = nowMs): Stillness {
  let seen = new Map<string, Still>();
  let lookedAt: number | undefined;
  return {
    look(counters, told) {
      const at = now();
      const passedMs = lookedAt === undefined ? 0 : Math.min(at - lookedAt, atMostMs);
      lookedAt = at;
      const all = [...counters].map(([name, value]): Still => {
        const before = seen.get(name);
        if (before !== undefined)
          return { name, value, stillMs: before.value === value ? before.stillMs + passedMs : 0 };
        const other = told?.get(name);
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
