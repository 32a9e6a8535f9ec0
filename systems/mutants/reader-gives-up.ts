/**
 * Broken: a read that fails is the last one. The worker beats, sweeps and looks well, and never takes a new job again.
 */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { afterBrokenRead } from "./broken-read.ts";

const system = streamSystem(
  "The reference engine, except that a worker whose blocking read was broken off never reads again. Its heartbeat goes on, so nobody misses it: the queue grows, and all lights are green.",
  (tools) => afterBrokenRead(stepsOn(tools), (stopped) => stopped),
);

export default {
  ...system,
  killedBy: "progress",
  under: "outage",
  hiddenUnder: { day: "its faults start every worker anew before it would have to be back" },
  related: [],
} satisfies Mutant<StreamConfig>;
