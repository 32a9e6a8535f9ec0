/**
 * The time that a handler may take. Then its signal is aborted; one that does not heed it can only be ended with its
 * process.
 */
import type { Time } from "../std/clock.ts";

/** From the signal until the handler is taken for one that does not heed it. */
export const giveWayMs = 3000;

export interface TimeLimit {
  /** Aborted when the time is over, or with the signal that was given. */
  readonly signal: AbortSignal;
  /** The handler has ended. */
  end(): void;
}

/** @param stuck is called once, when the handler still runs that long after its time was over */
export function timeLimit(ms: number, given: AbortSignal, stuck: () => void, time: Pick<Time, "after">): TimeLimit {
  const own = new AbortController();
  const follow = (): void => own.abort(given.reason);
  if (given.aborted) follow();
  given.addEventListener("abort", follow, { once: true });
  let cancel = time.after(ms, () => {
    const reason = new Error(`it took longer than its timeout of ${ms} ms`);
    reason.name = "TimeoutError";
    own.abort(reason);
    cancel = time.after(giveWayMs, stuck);
  });
  return {
    signal: own.signal,
    end() {
      cancel();
      given.removeEventListener("abort", follow);
    },
  };
}

/** The handler's own time was over: the job failed, and was not called back. */
export const isTimeout = (reason: unknown): boolean => reason instanceof Error && reason.name === "TimeoutError";
