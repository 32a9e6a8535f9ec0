/** How the time that a comparison may take is shared among its rounds. */
import type { Clock } from "../../std/clock.ts";

export interface Timetable {
  /** For the next round, the coming and going of its processes included, s. */
  readonly roundSeconds: number;
  /** @param isNarrow asked when there were as many rounds as are wanted */
  isOver(isNarrow: () => boolean): boolean;
  /** A round has ended. */
  ended(): void;
}

/** Where there is time for them: processes of the same program differ, which one round cannot tell. */
const roundsWanted = 4;
/** Laps are worth so many times what a round needs at the least, before there is another round. */
const toShortest = 3;

/**
 * Begins now.
 * @param seconds the most that all rounds may take
 * @param shortest of a round that says anything, s
 * @param rounds exactly so many, however long they take; undefined: as they fit
 */
export function timetable(seconds: number, shortest: number, rounds: number | undefined, clock: Clock): Timetable {
  const wanted = Math.max(1, Math.min(roundsWanted, Math.floor(seconds / (shortest * toShortest))));
  const startNs = clock.nowNs();
  const elapsed = (): number => (clock.nowNs() - startNs) / 1e9;
  let done = 0;
  let longest = 0;
  let before = 0;
  return {
    get roundSeconds() {
      return rounds === undefined && done < wanted ? (seconds - elapsed()) / (wanted - done) : seconds / wanted;
    },
    isOver(isNarrow) {
      if (rounds !== undefined) return done >= rounds;
      if (done === 0) return false;
      const left = seconds - elapsed();
      return done < wanted ? left < shortest : isNarrow() || left < longest;
    },
    ended() {
      done++;
      longest = Math.max(longest, elapsed() - before);
      before = elapsed();
    },
  };
}
