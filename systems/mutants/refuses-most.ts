/**
 * Broken: a producer takes one job of a hundred, and refuses the others, though the store has all the room there is.
 */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { enqueuingSome } from "./enqueues-some.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that a producer refuses ninety-nine of a hundred jobs, with nothing wrong anywhere. What it takes is done in good order, and so little is left to be judged that all else looks well.",
  stepsOn,
);

export default {
  ...system,
  connect: async (context, config) =>
    enqueuingSome(await system.connect(context, config), (number) => number % 100 === 1, {
      outcome: "refused",
      why: "too busy",
    }),
  killedBy: "enqueue-answered",
  under: "smoke",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
