/** Broken: a worker that is not heard of for a moment is taken for dead. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

/** As little as the engine takes. */
const leaseMs = 500;

const system = streamSystem(
  "The reference engine, except that half a second without a sign of life is enough to lose all jobs, where five are promised. A link that is gone for a second, or one long collection of garbage, has everything run twice.",
  stepsOn,
);

export default {
  ...system,
  connect: (context, config) => system.connect(context, { ...config, leaseMs }),
  killedBy: "no-premature-reclaim",
  under: "comeback",
  alsoUnder: ["day"],
  related: ["duplicates-explained", "attempts-exact"],
} satisfies Mutant<StreamConfig>;
