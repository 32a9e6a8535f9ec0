/**
 * Asks for the exit of the process: a handler that does not heed its signal cannot be ended in JavaScript, and nobody
 * else may run its job while it runs. All workers of the process stop first, as if they were asked to, and hand back
 * all but such jobs.
 */
export interface ProcessExit {
  /** Aborted when an exit was requested. */
  readonly requested: AbortSignal;
  /** @param exit ends the process, when no worker is left in it */
  request(exit: () => void): void;
  /**
   * A worker begins; what is returned says that it is over, and where an exit was requested, resolves after the others
   * are too: nobody goes on before.
   */
  enter(): () => Promise<void>;
}

export function processExit(): ProcessExit {
  const requested = new AbortController();
  const exits: (() => void)[] = [];
  const over = Promise.withResolvers<void>();
  let workers = 0;
  return {
    requested: requested.signal,
    request(exit) {
      exits.push(exit);
      requested.abort();
    },
    enter() {
      workers++;
      return async () => {
        workers--;
        if (!requested.signal.aborted) return;
        if (workers === 0) {
          for (const exit of exits) exit();
          over.resolve();
        }
        await over.promise;
      };
    },
  };
}
