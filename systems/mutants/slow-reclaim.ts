/** Broken: the dead are found late. Nothing is lost, and for those whose jobs they held it is as good as lost. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

/** Longer than the promise, and shorter than what a drain takes for stuck. */
const leaseMs = 15_000;

const system = streamSystem(
  "The reference engine, except that a worker is taken for dead much later than its lease says. Whatever it held when it died waits for as long, and everybody who waits for that.",
  stepsOn,
);

export default {
  ...system,
  connect: (context, config) => system.connect(context, { ...config, leaseMs }),
  killedBy: "recovery-bound",
  under: "smoke",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
