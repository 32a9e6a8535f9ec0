/**
 * Broken: a lease is promised and a shorter one is kept. Whoever relies on the promise is at work while another has its
 * jobs.
 */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const leaseMs = 2000;

const system = streamSystem(
  "The reference engine, except that it promises a lease of five seconds and keeps two. After each death jobs go on sooner than anyone expects; and whoever stands still for three seconds has lost them.",
  stepsOn,
);

export default {
  ...system,
  connect: (context, config) => system.connect(context, { ...config, leaseMs }),
  killedBy: "no-premature-reclaim",
  under: "crashes",
  alsoUnder: ["day"],
  // What the dead had ended or failed, and not said yet, is not taken from a run: it is only run again too soon.
  related: ["duplicates-explained", "attempts-exact"],
} satisfies Mutant<StreamConfig>;
