/** After the load: waits until the system holds nothing but dead letters, or is stuck, or runs out of time. */
import type { Bounds } from "../history/bounds.ts";
import type { Load } from "../scenarios/contract.ts";
import type { Clock } from "../std/clock.ts";
import { pause } from "../std/clock.ts";
import type { DrainOutcome } from "../history/journal.ts";
import { aborted, within } from "../std/deadline.ts";
import { messageOf } from "../std/user-error.ts";
import type { Connection } from "../systems/contract.ts";
import type { Fleet } from "../fleet/supervisor.ts";

export interface Drained {
  readonly outcome: DrainOutcome;
  /** What went wrong with the last look, where it decided. */
  readonly why?: string;
}

export interface DrainLimits {
  /** No job moved for this long, nobody was at work, and some are held: they are stuck. */
  readonly stuckMs: number;
  /** The longest run that a job's script asks for: who is still at work after that moves nothing any more. */
  readonly runMs: number;
  readonly deadlineMs: number;
}

/** The fleet, as far as a drain looks at it. */
export interface Movement {
  /** A number that grows with everything that happens to any job. */
  moved(): number;
  /** Handlers that have begun in a living process, and not come back. */
  atWork(): number;
}

export const movementOf = (crew: Pick<Fleet, "counts" | "turnover" | "atWork">): Movement => ({
  moved() {
    const { acknowledged, duplicate, started, ended, failed, settled } = crew.counts();
    return acknowledged + duplicate + started + ended + failed + settled + crew.turnover();
  },
  atWork: crew.atWork,
});

/** However much a load asks for, or however long it is, nobody waits for longer than this for it to be worked off. */
const workMsMost = 3_600_000;

export function limitsOf(load: Load, bounds: Pick<Bounds, "recoveryMs" | "retryMs">): DrainLimits {
  const { attempts, backoffMs } = load.retries;
  const { delayed, killing, durationMs } = load.work;
  const delaysMs = delayed.share > 0 ? delayed.upToMs : 0;
  const stuckMs = bounds.recoveryMs + Math.max(bounds.retryMs, backoffMs * 2 ** attempts, delaysMs) + 5000;
  // Each attempt of a job that ends its worker has to be found to be lost before the next, and may wait for others'
  // turns.
  const poisonMs = killing > 0 ? 2 * (attempts + 1) * stuckMs : 0;
  // All of it may be left, and be done twice, or by half of the hands.
  const workMs = Math.min(2 * workMsOf(load), workMsMost);
  const [, runMs] = durationMs;
  const deadlineMs = Math.max(
    60_000,
    2 * stuckMs,
    Math.min(load.seconds * 500, workMsMost),
    poisonMs,
    workMs + runMs + 2 * stuckMs,
  );
  return { stuckMs, runMs, deadlineMs: Math.ceil(deadlineMs) };
}

/** What all runs of all jobs take when every hand is busy. */
function workMsOf({ jobs, workers, concurrency, work, retries }: Load): number {
  const [shortest, longest] = work.durationMs;
  const most = Math.max(1, retries.attempts - 1);
  const runs = 1 + (work.failing * (1 + most)) / 2 + work.alwaysFailing * most;
  return (jobs * runs * (shortest + longest)) / 2 / (workers * concurrency);
}

/** Quiet for this long, it is worth asking the store. */
const quietMs = 400;
/** A page that does not come has a deadline of its own: this is for all of them. */
const scanMs = 90_000;

export async function drain(
  connection: Connection,
  { moved, atWork }: Movement,
  limits: DrainLimits,
  clock: Clock,
  stop: AbortSignal,
): Promise<Drained> {
  const startNs = clock.nowNs();
  const stopped = aborted(stop);
  let seen = moved();
  let lastMoveNs = startNs;
  for (;;) {
    if (stop.aborted) return { outcome: "stopped" };
    const now = clock.nowNs();
    if (moved() !== seen) {
      seen = moved();
      lastMoveNs = now;
    } else if (now - lastMoveNs > quietMs * 1e6) {
      const look = await Promise.race([lookAt(connection), stopped]);
      if (look === undefined) return { outcome: "stopped" };
      // What came to its end during the look is at work no more, and has moved: the next turn sees it.
      if (moved() === seen) {
        if (look.holds === false) return { outcome: "drained" };
        // All that are at work began before the last movement: after the longest run none of them is within its time.
        const busyMs = atWork() > 0 ? limits.runMs : 0;
        if (now - lastMoveNs > (busyMs + limits.stuckMs) * 1e6)
          return look.holds === undefined ? { outcome: "unseen", why: look.why } : { outcome: "stuck" };
      }
    }
    if (now - startNs > limits.deadlineMs * 1e6) return { outcome: "late" };
    await pause(clock, 250, stop);
  }
}

type Look = { readonly holds: boolean } | { readonly holds: undefined; readonly why: string };

/** One that fails, or has no end, says nothing of the system: the next one may. */
const lookAt = (connection: Connection): Promise<Look> =>
  within(holdsWork(connection), scanMs, "a look at what the system holds").then(
    (holds) => ({ holds }),
    (thrown: unknown) => ({ holds: undefined, why: messageOf(thrown) }),
  );

async function holdsWork(connection: Connection): Promise<boolean> {
  for await (const place of connection.scan()) {
    if ("at" in place && place.at !== "dead") return true;
  }
  return false;
}
