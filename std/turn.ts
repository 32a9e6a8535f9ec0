/** The event loop's own rhythm: work at the end of a turn, and a beat that keeps no process alive. */

/** Timers overflow past this many milliseconds: 24 days. */
const longestMs = 2 ** 31 - 1;

/** Calls `work` once when this turn of the event loop is over: after all that became ready together with the caller. */
export const atEndOfTurn = (work: () => void): void => {
  setImmediate(work);
};

/** Resolves in the next turn, so that a long computation lets others have theirs. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => atEndOfTurn(resolve));

/** Calls `work` every `ms` until disposed; does not keep the process alive. Late beats are not made up for. */
export function beat(ms: number, work: () => void): Disposable {
  const timer = setInterval(work, ms).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Calls `ring` once `ms` have passed, unless it is disposed of before; keeps the process alive until then. */
export function alarm(ms: number, ring: () => void): Disposable {
  const timer = setTimeout(ring, Math.min(ms, longestMs));
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
