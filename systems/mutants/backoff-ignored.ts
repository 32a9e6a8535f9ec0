/** Broken: a retry is due at once. What fails because something is overloaded adds to the load. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that the wait before a retry is declared and not kept: a job that failed is tried again at once, and what failed for want of time fails again.",
  stepsOn,
);

export default {
  ...system,
  connect: (context, config) => system.connect({ ...context, retries: { ...context.retries, backoffMs: 0 } }, config),
  killedBy: "retry-not-early",
  under: "smoke",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
