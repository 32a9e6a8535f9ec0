/** Broken: how often a job failed is known to its worker alone. Whoever takes it over begins at the first attempt. */
import { storyOf, type PendingEntry } from "../../engine/redis/entry.ts";
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that the failures of a job are forgotten when its worker dies. Who takes it over begins at attempt 1, so a job may fail more often than was agreed before anybody is told.",
  (tools) => {
    const steps = stepsOn(tools);
    return {
      ...steps,
      async claim(taker, dead, limit) {
        const claimed = await steps.claim(taker, dead, limit);
        return claimed && { ...claimed, entries: claimed.entries.map(forgotten) };
      },
    };
  },
);

function forgotten(held: PendingEntry): PendingEntry {
  const { id, enqueuedAt } = storyOf(held);
  return { ...held, meta: JSON.stringify([id, 0, enqueuedAt, []]) };
}

export default {
  ...system,
  killedBy: "attempts-exact",
  under: "crashes",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
