/**
 * How evidence is gathered: again and again until it is there, so that a busy machine is not taken for a fault that
 * missed.
 */
import type { Evidence } from "../history/journal.ts";
import type { Json } from "../std/json.ts";
import { eventually } from "../std/deadline.ts";
import { messageOf } from "../std/user-error.ts";

/** Answers with facts, or throws with the reason why nothing is proven yet. */
export type Attempt = () => Promise<Readonly<Record<string, Json>>>;

/** The facts of the first attempt that had some; after `deadlineMs`, or at `stop`, the last reason. */
export async function prove(attempt: Attempt, deadlineMs: number, stop: AbortSignal): Promise<Evidence> {
  let why: string | undefined;
  const tried = async (): Promise<Evidence | undefined> => {
    try {
      return { proven: true, facts: await attempt() };
    } catch (thrown) {
      // That an attempt was broken off says less than why the one before it failed.
      if (why === undefined || !stop.aborted) why = messageOf(thrown);
      return undefined;
    }
  };
  try {
    return await eventually(tried, { deadlineMs, awaited: "proof", everyMs: 50, stop });
  } catch {
    return { proven: false, why: why ?? "it was stopped before anything could be proven" };
  }
}

/** All of them, or the first reason; in either case none goes on behind the caller's back. */
export async function together<T>(attempts: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(attempts);
  return await Promise.all(attempts);
}

/**
 * For how long proof that a fault bit is sought: while it is in force, and never so briefly that a slow machine
 * decides.
 */
export const bitMs = (lastsMs: number): number => Math.max(lastsMs, 5000);

/** For how long proof that it is over is sought. */
export const healedMs = 20_000;
