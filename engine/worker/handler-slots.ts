/**
 * A worker's slots for handlers: how many run at once, and whose the next free one is. All its consumers share them.
 */
export interface HandlerSlots {
  /** Taken or not. */
  readonly size: number;
  readonly free: number;
  take(): void;
  /**
   * The next slot that is free is the caller's, before all others', until it runs something in it or gives it back.
   * False at `stop`.
   */
  reserve(stop: AbortSignal): Promise<boolean>;
  giveBack(): void;
  /** Calls back whenever one more handler may run. */
  onFree(listener: () => void): void;
}

export function handlerSlots(size: number): HandlerSlots {
  let taken = 0;
  let freed = (): void => {};
  /** Who wants the next slot, in order. */
  const waiters = new Set<() => void>();
  return {
    size,
    get free() {
      return size - taken;
    },
    take() {
      taken++;
    },
    reserve(stop) {
      if (stop.aborted) return Promise.resolve(false);
      if (taken < size) {
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
    giveBack() {
      const [next] = waiters;
      if (next !== undefined) {
        waiters.delete(next);
        return next();
      }
      taken--;
      freed();
    },
    onFree(listener) {
      freed = listener;
    },
  };
}
