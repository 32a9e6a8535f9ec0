/** Broken: the last attempt is one too many, as where `<` and `<=` were confused. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that a job is tried once more than was agreed before it is dead. Nobody notices until a job is one that must not be tried so often.",
  stepsOn,
);

export default {
  ...system,
  connect: (context, config) =>
    system.connect({ ...context, retries: { ...context.retries, attempts: context.retries.attempts + 1 } }, config),
  killedBy: "attempts-exact",
  under: "smoke",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
