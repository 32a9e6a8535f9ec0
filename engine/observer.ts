/**
 * What a worker tells of itself besides the fate of its jobs, for metrics. It is put around the handler and the steps,
 * so that a worker which nobody observes runs as if there were none.
 */
import { nowMs } from "./std/clock.ts";
import { released } from "./redis/keys.ts";
import { callback, optional } from "./options.ts";
import type { Handler } from "./worker/runner.ts";
import type { Steps } from "./redis/steps.ts";
import { guarded } from "./std/guarded.ts";

export interface Observer {
  readonly ran?: (run: Run) => void;
  /**
   * So many jobs were taken over from workers that were declared dead. Not told of those whose taking was not answered.
   */
  readonly reclaimed?: (count: number) => void;
}

export const observerKinds = {
  ran: optional(callback<NonNullable<Observer["ran"]>>()),
  reclaimed: optional(callback<NonNullable<Observer["reclaimed"]>>()),
};

/** One call of a handler. */
export interface Run {
  /** `aborted`: it ended with an error after its signal was aborted. */
  readonly ended: "done" | "failed" | "aborted";
  readonly ms: number;
  /** ms since 1970 by the broker's clock. */
  readonly enqueuedAt: number;
}

/** The same handler, whose runs are told. */
export function observedHandler<Payload>(
  handle: Handler<Payload>,
  { ran }: Observer,
  failed: (error: unknown) => void,
): Handler<Payload> {
  if (ran === undefined) return handle;
  const tell = guarded(ran, failed);
  return async (job, signal) => {
    const startedAt = nowMs();
    let ended: Run["ended"] = "done";
    try {
      await handle(job, signal);
    } catch (error) {
      ended = signal.aborted ? "aborted" : "failed";
      throw error;
    } finally {
      tell({ ended, ms: nowMs() - startedAt, enqueuedAt: job.enqueuedAt });
    }
  };
}

/** The same steps, whose takings are told. */
export function observedSteps(steps: Steps, { reclaimed }: Observer, failed: (error: unknown) => void): Steps {
  if (reclaimed === undefined) return steps;
  const tell = guarded(reclaimed, failed);
  return {
    ...steps,
    async claim(taker, from, limit) {
      const claimed = await steps.claim(taker, from, limit);
      const count = from === released ? 0 : (claimed?.entries.length ?? 0);
      if (count > 0) tell(count);
      return claimed;
    },
    async isolate(taker, suspect, alone) {
      const isolated = await steps.isolate(taker, suspect, alone);
      if (isolated?.state === "taken") tell(1);
      return isolated;
    },
  };
}
