/** Runs handlers, a bounded number at once, and turns what became of each into a verdict. Shared by a worker's incarnations. */
import { delayedMember, failedOnce, storyOf, type Held, type Story } from "./entry.ts";
import { thisProcess } from "./company.ts";
import type { JobType } from "./job-type.ts";
import { between } from "./random.ts";
import type { Verdict } from "./settlement.ts";
import { isTimeout, timeLimit } from "./time-limit.ts";

export interface Job<Payload> {
  /** Unique for ever, the same on every attempt. */
  readonly id: string;
  readonly payload: Payload;
  /** From 1. Counts failures of the handler; a run that a crash ended is repeated under the same number. */
  readonly attempt: number;
  /** ms since 1970 by the broker's clock. */
  readonly enqueuedAt: number;
}

export type Handler<Payload> = (job: Job<Payload>, signal: AbortSignal) => Promise<void>;

export interface Runner {
  readonly free: number;
  readonly running: number;
  /**
   * @param over is called when the handler is, with what is to become of the job: undefined when it gave way to the signal. Never at once.
   * @param stuck is called when its time is over and it does not give way
   */
  run(held: Held, signal: AbortSignal, over: (verdict: Verdict | undefined) => void, stuck: () => void): void;
  /** What becomes of a job that ended its worker in so many lone runs. */
  poison(held: Held, killed: number): Verdict;
}

/** @param freed is called whenever one more handler may run */
export function runnerOf<Payload>(
  type: JobType<Payload>,
  handle: Handler<Payload>,
  concurrency: number,
  freed: () => void,
): Runner {
  let running = 0;

  function failure(held: Held, story: Story, error: unknown): Verdict {
    const failed = failedOnce(story, error);
    if (failed.failures < type.attempts) {
      return {
        as: "retry",
        held,
        delayMs: delayMs(type, failed.failures),
        member: delayedMember(failed, held.payload),
      };
    }
    return deadOf(held, failed, failed.errors.at(-1) ?? "");
  }

  function deadOf(held: Held, { id, failures, enqueuedAt, errors }: Story, lastError: string): Verdict {
    const [firstError = lastError] = errors;
    return {
      as: "dead",
      held,
      letter: { job: id, origin: type.name, attempts: failures, firstError, lastError, enqueuedAt },
    };
  }

  async function attempt(held: Held, signal: AbortSignal): Promise<Verdict | undefined> {
    const story = storyOf(held);
    try {
      const payload = type.payload.decode(held.payload);
      await handle({ id: story.id, payload, attempt: story.failures + 1, enqueuedAt: story.enqueuedAt }, signal);
      return { as: "done", held };
    } catch (error) {
      if (!gaveWay(error, signal)) return failure(held, story, error);
      return isTimeout(signal.reason) ? failure(held, story, signal.reason) : undefined;
    }
  }

  return {
    get free() {
      return concurrency - running;
    },
    get running() {
      return running;
    },
    run(held, signal, over, stuck) {
      running++;
      const leave = thisProcess.enter();
      const limit = type.timeoutMs === undefined ? undefined : timeLimit(type.timeoutMs, signal, stuck);
      void attempt(held, limit?.signal ?? signal).then((verdict) => {
        running--;
        limit?.end();
        leave();
        over(verdict);
        freed();
      });
    },
    poison: (held, killed) =>
      deadOf(held, storyOf(held), `poison: its worker died in each of ${killed} runs in which it was alone there`),
  };
}

/** It was told to end and did. */
const gaveWay = (error: unknown, { aborted, reason }: AbortSignal): boolean =>
  aborted && (error === reason || (error instanceof Error && (error.name === "AbortError" || error.cause === reason)));

/** Never less than the backoff: the jitter only adds, so that retries of one moment spread. */
const delayMs = ({ backoff: { baseMs, capMs } }: Pick<JobType<unknown>, "backoff">, failures: number): number =>
  Math.ceil(Math.min(baseMs * 2 ** (failures - 1), capMs) * between(1, 1.5));
