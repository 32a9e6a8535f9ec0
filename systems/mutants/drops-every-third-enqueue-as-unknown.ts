/** Broken: every third job is thrown away, and its sender is told that nobody knows what became of it. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { enqueuingSome } from "./enqueues-some.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that a producer drops every third job and answers that it does not know. It loses none that it took, and nobody gets his work done by it.",
  stepsOn,
);

export default {
  ...system,
  connect: async (context, config) =>
    enqueuingSome(await system.connect(context, config), (number) => number % 3 > 0, {
      outcome: "unknown",
      why: "no answer came",
    }),
  killedBy: "enqueue-answered",
  under: "smoke",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
