/** Waiting with an end, in tests: every wait is for a condition or a promise, and its error says what was awaited. */
import { nowMs, settledWithin, sleeper } from "../std/clock.ts";

/** A busy machine is ten times slower. */
export const deadlineMs = 120_000;
/** What a busy machine adds to a bound. */
export const slackMs = 10_000;

/** `promise`, or an error once `ms` have passed. The promise itself goes on. */
export async function within<T>(promise: Promise<T>, ms: number, awaited: string): Promise<T> {
  if (!(await settledWithin(promise, ms))) throw new Error(`waited ${ms} ms for ${awaited}`);
  return promise;
}

/** Asks `condition` until it answers something other than undefined or false, and returns that. */
export async function eventually<T>(
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  limits: { readonly deadlineMs: number; readonly everyMs?: number; readonly awaited: string },
): Promise<T> {
  const endMs = nowMs() + limits.deadlineMs;
  for (;;) {
    const answer = await condition();
    if (answer !== undefined && answer !== false) return answer;
    if (nowMs() > endMs) throw new Error(`waited ${limits.deadlineMs} ms for ${limits.awaited}`);
    await pause(limits.everyMs ?? 20);
  }
}

/** For pacing; never a substitute for a condition. */
export const pause = (ms: number): Promise<void> => sleeper().sleep(ms);
