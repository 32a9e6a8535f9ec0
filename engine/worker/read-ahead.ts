/**
 * How many jobs a worker prefetches beyond its free slots: as many as it works off within a moment, of slow ones none.
 */
import type { Time } from "../std/clock.ts";
import type { Runner } from "./runner.ts";

export interface ReadAhead {
  /** As of the last look. */
  readonly jobs: number;
  /** A job was started. */
  started(): void;
  /** Looks again, where the last look was some time ago. */
  look(): number;
}

/** Read ahead what is worked off within this time, */
const aheadMs = 50;
/** but no more than this. */
export const aheadMax = 1000;
const lookMs = 20;

export function readAheadOf(concurrency: number, runner: Pick<Runner, "runMs">, time: Pick<Time, "nowMs">): ReadAhead {
  let jobs = 0;
  let startedSinceLook = 0;
  let lookedAt = time.nowMs();
  return {
    get jobs() {
      return jobs;
    },
    started() {
      startedSinceLook++;
    },
    look() {
      const now = time.nowMs();
      if (now - lookedAt > lookMs) {
        const rate = startedSinceLook / (now - lookedAt);
        // Of slow jobs none, also where many begin at once: they would wait for these, and another may be idle.
        const workedOff = Math.floor((concurrency * aheadMs) / runner.runMs);
        jobs = Math.min(Math.floor((jobs + rate * aheadMs) / 2), workedOff, aheadMax);
        startedSinceLook = 0;
        lookedAt = now;
      }
      return jobs;
    },
  };
}
