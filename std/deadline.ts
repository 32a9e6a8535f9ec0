/** Waiting with an end. Every wait in this project is one of these two, and its error says what was awaited. */
import { monotonic, pause } from "./clock.ts";

export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/** `promise`, or a DeadlineError naming what was awaited once `ms` have passed. The promise itself goes on. */
export async function within<T>(promise: Promise<T>, ms: number, awaited: string): Promise<T> {
  const done = new AbortController();
  const late = pause(monotonic, ms, done.signal).then((): never => {
    throw new DeadlineError(`waited ${ms} ms for ${awaited}`);
  });
  late.catch(() => {}); // the race below may have been won already
  try {
    return await Promise.race([promise, late]);
  } finally {
    done.abort();
  }
}

/** Resolves once it is aborted. */
export const aborted = (stop: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve(undefined);
    else stop.addEventListener("abort", () => resolve(undefined), { once: true });
  });

/**
 * Asks `condition` until it answers something other than undefined or false, and returns that.
 * @throws DeadlineError naming what was awaited; an AbortError when `stop` is aborted first
 */
export async function eventually<T>(
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  limits: {
    readonly deadlineMs: number;
    readonly everyMs?: number;
    readonly awaited: string;
    readonly stop?: AbortSignal;
  },
): Promise<T> {
  const end = monotonic.nowNs() + limits.deadlineMs * 1e6;
  for (;;) {
    limits.stop?.throwIfAborted();
    const answer = await condition();
    if (answer !== undefined && answer !== false) return answer;
    if (monotonic.nowNs() > end) throw new DeadlineError(`waited ${limits.deadlineMs} ms for ${limits.awaited}`);
    await pause(monotonic, limits.everyMs ?? 20, limits.stop);
  }
}
