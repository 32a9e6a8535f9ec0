/**
 * A handler that does not heed its signal cannot be ended in JavaScript, and no other may run its job while it runs: its
 * process has to end. All workers of the process stop first, as if they were asked to, and hand back all but such jobs.
 */
const stopping = new AbortController();
const endings: (() => void)[] = [];
let workers = 0;

/** Aborted when the process is to end. */
export const doomed: AbortSignal = stopping.signal;

/** @param end ends the process, when no worker is left in it */
export function doom(end: () => void): void {
  endings.push(end);
  stopping.abort();
}

const over = Promise.withResolvers<void>();

/** A worker begins; what is returned says that it is over, and where the process is to end, resolves after the others are too: nobody goes on before. */
export function beginWork(): () => Promise<void> {
  workers++;
  return async () => {
    workers--;
    if (!doomed.aborted) return;
    if (workers === 0) {
      for (const end of endings) end();
      over.resolve();
    }
    await over.promise;
  };
}
