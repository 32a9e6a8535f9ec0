/** What a worker does after a read that was broken off, for mutants. */
import type { Steps } from "../../engine/redis/steps.ts";

/** @param waits is told when the worker is to stop, and resolves when it may read again; until then it takes nothing */
export function afterBrokenRead(steps: Steps, waits: (stopped: Promise<void>) => Promise<void>): Steps {
  const stopped = Promise.withResolvers<void>();
  return {
    ...steps,
    async read(...which) {
      const read = await steps.read(...which);
      if (read === undefined) await waits(stopped.promise);
      return read;
    },
    async unblock() {
      stopped.resolve();
      await steps.unblock();
    },
  };
}
