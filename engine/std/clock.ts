/**
 * The engine's only way to know and to await time. Monotonic: no wall clock, ours or the broker's, decides who is
 * alive.
 */

/** Milliseconds since an arbitrary point of this process. */
export const nowMs = (): number => performance.now();

/** What a timer of the platform can wait: it takes all that is longer for 1 ms. */
const timerMsMax = 2 ** 31 - 1;

/** Calls `work` after `ms`, however long that is; returns how to prevent it. */
function startTimer(ms: number, work: () => void, { keepsProcess }: { readonly keepsProcess: boolean }): () => void {
  let timer: NodeJS.Timeout;
  const wait = (leftMs: number): void => {
    const thisMs = Math.min(leftMs, timerMsMax);
    timer = setTimeout(() => (leftMs > thisMs ? wait(leftMs - thisMs) : work()), thisMs);
    if (!keepsProcess) timer.unref();
  };
  wait(ms);
  return () => clearTimeout(timer);
}

/** A pause that can be cut short. */
export interface Sleeper {
  /** Resolves after `ms`, or at the next `wake`. One sleep at a time. */
  sleep(ms: number): Promise<void>;
  /** Ends the sleep under way, or the next one if there is none. */
  wake(): void;
}

export function sleeper(): Sleeper {
  let end: (() => void) | undefined;
  let woken = false;
  return {
    sleep(ms) {
      if (woken) {
        woken = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const done = (): void => {
          cancel();
          end = undefined;
          resolve();
        };
        const cancel = startTimer(ms, done, { keepsProcess: true });
        end = done;
      });
    },
    wake() {
      if (end === undefined) woken = true;
      else end();
    },
  };
}

/** Runs `step`, then pauses for what it returned, until `stop`. A step that throws is reported and tried again. */
export async function repeat(
  step: () => Promise<number>,
  {
    stop,
    bed,
    failed,
  }: { readonly stop: AbortSignal; readonly bed: Sleeper; readonly failed: (error: unknown) => void },
): Promise<void> {
  const end = (): void => bed.wake();
  stop.addEventListener("abort", end);
  while (!stop.aborted) {
    const ms = await step().catch((error: unknown) => {
      failed(error);
      return 500;
    });
    if (!stop.aborted) await bed.sleep(ms);
  }
  stop.removeEventListener("abort", end);
}

/** Asks until there is an answer, or it is over. @param patience resolves when it is worth asking again */
export async function insist<T>(
  ask: () => Promise<T | undefined>,
  isOver: () => boolean,
  patience: () => Promise<void>,
): Promise<T | undefined> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || isOver()) return answer;
    await patience();
  }
}

/** `promise`, but not for longer than `ms`: false when the time was over first. */
export async function settledWithin(
  promise: Promise<unknown>,
  ms: number,
  time: Pick<Time, "sleeper"> = monotonic,
): Promise<boolean> {
  const bed = time.sleeper();
  let settled = false;
  const done = (): void => {
    settled = true;
    bed.wake();
  };
  promise.then(done, done);
  await bed.sleep(ms);
  return settled;
}

/**
 * Calls `work` after `ms`, unless what it returns is called before. A process with nothing else to do does not wait for
 * it.
 */
export const after = (ms: number, work: () => void): (() => void) => startTimer(ms, work, { keepsProcess: false });

/** Calls `work` when this event loop turn is over: after all that became ready together with the caller. */
export const atEndOfTurn = (work: () => void): void => {
  setImmediate(work);
};

/** Time as an argument: a test that needs another one gives it. */
export interface Time {
  /** Milliseconds since an arbitrary point. */
  nowMs(): number;
  sleeper(): Sleeper;
  /** Calls `work` after `ms`, unless what it returns is called before. */
  after(ms: number, work: () => void): () => void;
}

export const monotonic: Time = { nowMs, sleeper, after };
