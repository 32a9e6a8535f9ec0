/** Broken: callers' keys are forgotten within three seconds, whatever their window is. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that callers' keys are forgotten with the second tick, of which a deduplication window has ten. Who sends again after a pause, as callers do that were not answered, has the job done twice.",
  (tools) => {
    const steps = stepsOn(tools);
    return { ...steps, tick: (seen) => steps.tick(seen, 1) };
  },
);

export default {
  ...system,
  killedBy: "deduplicated",
  under: "keys",
  hiddenUnder: { day: "none of its jobs has a key of its caller's" },
  related: [],
} satisfies Mutant<StreamConfig>;
