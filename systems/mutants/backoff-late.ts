/** Broken: now and then a retry waits for far longer than its backoff. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const one = 20;
const lateMs = 12_000;

const system = streamSystem(
  "The reference engine, except that one retry in twenty waits for twelve seconds more than its backoff. What failed for want of time is given plenty, and whoever waits for it is forgotten.",
  (tools) => {
    const steps = stepsOn(tools);
    const late = new Set<string>();
    let retries = 0;
    return {
      ...steps,
      settle: (consumer, batch, verdicts) =>
        steps.settle(
          consumer,
          batch,
          verdicts.map((verdict) => {
            if (verdict.as !== "retry") return verdict;
            // A batch that was not answered is sent again as it was.
            const { entry } = verdict.held;
            if (!late.has(entry) && ++retries % one === 0) late.add(entry);
            return late.has(entry) ? { ...verdict, delayMs: verdict.delayMs + lateMs } : verdict;
          }),
        ),
    };
  },
);

export default {
  ...system,
  killedBy: "retry-on-time",
  under: "undisturbed",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
