/** After the load: waits until the system holds nothing but dead letters, or is stuck, or runs out of time. */
import type { Clock } from "../std/clock.ts";
import { pause } from "../std/clock.ts";
import { within } from "../std/deadline.ts";
import type { Connection } from "../systems/contract.ts";

export type Drained = "drained" | "stuck" | "late" | "stopped";

export interface DrainLimits {
  /** No job moved for this long, and some are held: they are stuck. */
  readonly stuckMs: number;
  readonly deadlineMs: number;
}

/** Quiet for this long, it is worth asking the store. */
const quietMs = 400;
const scanMs = 60_000;

/** @param moved a number that grows with everything that happens to any job */
export async function drain(
  connection: Connection,
  moved: () => number,
  limits: DrainLimits,
  clock: Clock,
  stop: AbortSignal,
): Promise<Drained> {
  const startNs = clock.nowNs();
  let seen = moved();
  let lastMoveNs = startNs;
  let held: boolean | undefined;
  for (;;) {
    if (stop.aborted) return "stopped";
    const now = clock.nowNs();
    if (moved() !== seen) {
      seen = moved();
      lastMoveNs = now;
    } else if (now - lastMoveNs > quietMs * 1e6) {
      held = await within(holdsWork(connection), scanMs, "a look at what the system holds").catch(() => undefined);
      if (held === false && moved() === seen) return "drained";
      if (now - lastMoveNs > limits.stuckMs * 1e6) return "stuck";
    }
    if (now - startNs > limits.deadlineMs * 1e6) return "late";
    await pause(clock, 250, stop);
  }
}

async function holdsWork(connection: Connection): Promise<boolean> {
  for await (const place of connection.scan()) {
    if ("at" in place && place.at !== "dead") return true;
  }
  return false;
}
