/**
 * The one way to know and to await time. Monotonic, so that a bent wall clock changes nothing, and shared by all
 * processes of one host (CLOCK_MONOTONIC), so that their records can be laid on one axis.
 */
import { setTimeout as timeout } from "node:timers/promises";

export interface Clock {
  /** Nanoseconds since an arbitrary point that all processes of the host share; a number is exact for 104 days. */
  nowNs(): number;
  /** Resolves once `ns` has passed; at once, and without error, when `stop` is aborted. */
  until(ns: number, stop?: AbortSignal): Promise<void>;
}

const nsPerMs = 1e6;

/** setTimeout counts in whole milliseconds and overflows past this many of them. */
const longestTimeoutMs = 2 ** 31 - 1;

export const monotonic: Clock = {
  nowNs() {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1e9 + nanoseconds;
  },
  async until(ns, stop) {
    for (;;) {
      const leftMs = (ns - monotonic.nowNs()) / nsPerMs;
      if (leftMs <= 0 || stop?.aborted) return;
      try {
        await timeout(Math.min(Math.ceil(leftMs), longestTimeoutMs), undefined, stop ? { signal: stop } : {});
      } catch {
        return; // stopped
      }
    }
  },
};

/**
 * The calendar's time, for naming, and for telling how far another's is off: nothing of a run is ever measured with it.
 */
export const calendarNow = (): Date => new Date();

/** Resolves after `ms`, or at once when `stop` is aborted. For pacing; never a substitute for a condition. */
export const pause = (clock: Clock, ms: number, stop?: AbortSignal): Promise<void> =>
  clock.until(clock.nowNs() + ms * nsPerMs, stop);
