/** Runs handlers, a bounded number at once, and turns what became of each into a verdict. Shared by a worker's incarnations. */
import { delayedMember, failedOnce, storyOf, type Held, type Story } from "./entry.ts";
import { nowMs } from "./clock.ts";
import { thisProcess } from "./company.ts";
import type { JobType } from "./job-type.ts";
import { between } from "./random.ts";
import type { Verdict } from "./settlement.ts";
import { isCausedBy, isNamed, stackOf } from "./thrown.ts";
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

/** Of how many runs about the average is. */
const runsRemembered = 10;

export interface Runner {
  readonly free: number;
  /** How long a handler takes, as the last ones did on average; Infinity until one has ended. */
  readonly runMs: number;
  /** The next hand that is free is the caller's, before all others', until it runs something in it or gives it back. False at `stop`. */
  reserve(stop: AbortSignal): Promise<boolean>;
  giveBack(): void;
  /**
   * @param isReserved whether it runs in a hand that was reserved for it
   * @param over is called when the handler is, with what is to become of the job: undefined when it gave way to the signal. Never at once.
   * @param stuck is called when its time is over and it does not give way
   */
  run(
    held: Held,
    isReserved: boolean,
    signal: AbortSignal,
    over: (verdict: Verdict | undefined) => void,
    stuck: () => void,
  ): void;
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
  let taken = 0;
  let runMs = Infinity;
  /** Who wants the next hand, in order. */
  const waiters = new Set<() => void>();

  function giveBack(): void {
    const [next] = waiters;
    if (next !== undefined) {
      waiters.delete(next);
      return next();
    }
    taken--;
    freed();
  }

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
    return deadOf(held, failed, failed.errors.at(-1) ?? "", stackOf(error));
  }

  function deadOf(
    held: Held,
    { id, failures, enqueuedAt, errors, ...story }: Story,
    lastError: string,
    stack = "",
  ): Verdict {
    const [firstError = lastError] = errors;
    const letter = {
      job: id,
      origin: type.name,
      attempts: failures,
      firstError,
      lastError,
      enqueuedAt,
      stack,
      ...story,
    };
    return { as: "dead", held, letter };
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
      return concurrency - taken;
    },
    get runMs() {
      return runMs;
    },
    reserve(stop) {
      if (stop.aborted) return Promise.resolve(false);
      if (taken < concurrency) {
        taken++;
        return Promise.resolve(true);
      }
      return new Promise((resolve) => {
        const stopped = (): void => {
          waiters.delete(given);
          resolve(false);
        };
        const given = (): void => {
          stop.removeEventListener("abort", stopped);
          resolve(true);
        };
        waiters.add(given);
        stop.addEventListener("abort", stopped, { once: true });
      });
    },
    giveBack,
    run(held, isReserved, signal, over, stuck) {
      if (!isReserved) taken++;
      const leave = thisProcess.enter();
      const begunAt = nowMs();
      const limit = type.timeoutMs === undefined ? undefined : timeLimit(type.timeoutMs, signal, stuck);
      void attempt(held, limit?.signal ?? signal).then((verdict) => {
        limit?.end();
        const ms = nowMs() - begunAt;
        runMs = runMs === Infinity ? ms : runMs + (ms - runMs) / runsRemembered;
        leave();
        over(verdict);
        giveBack();
      });
    },
    poison: (held, killed) =>
      deadOf(
        held,
        storyOf(held),
        `poison: its worker died in each of ${killed} runs in which it was the only suspect there`,
      ),
  };
}

/** It was told to end and did. */
const gaveWay = (error: unknown, { aborted, reason }: AbortSignal): boolean =>
  aborted && (error === reason || isNamed(error, "AbortError") || isCausedBy(error, reason));

/** More would be Infinity, and 0 times that is no number. */
const doublingsMax = 1000;

/** Never less than the backoff: the jitter only adds, so that retries of one moment spread. */
const delayMs = ({ backoff: { baseMs, capMs } }: Pick<JobType<unknown>, "backoff">, failures: number): number =>
  Math.ceil(Math.min(baseMs * 2 ** Math.min(failures - 1, doublingsMax), capMs) * between(1, 1.5));
