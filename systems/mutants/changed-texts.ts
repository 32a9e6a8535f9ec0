/** What a worker is given, with other texts, for mutants: by whichever way a job comes into its hands. */
import type { PendingEntry } from "../../engine/redis/entry.ts";
import type { Steps } from "../../engine/redis/steps.ts";

export function withTexts(steps: Steps, change: (payload: string) => string): Steps {
  const changed = (held: PendingEntry): PendingEntry => ({ ...held, payload: change(held.payload) });
  return {
    ...steps,
    read: async (...which) => (await steps.read(...which))?.map(changed),
    async recover(...which) {
      const found = await steps.recover(...which);
      return found && { ...found, entries: found.entries.map(changed) };
    },
    async claim(...which) {
      const claimed = await steps.claim(...which);
      return claimed && { ...claimed, entries: claimed.entries.map(changed) };
    },
    async isolate(...which) {
      const isolated = await steps.isolate(...which);
      return isolated?.state === "taken" ? { ...isolated, held: changed(isolated.held) } : isolated;
    },
  };
}
