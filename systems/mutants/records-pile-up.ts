/**
 * Broken: what is kept for a worker is kept for ever, once it died. Nobody misses a thing, until the store is full of
 * them.
 */
import { scripts, stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { patched } from "./patched.ts";

const claim = patched(scripts.claim, { "redis.call('HDEL', KEYS[3], victim)": "" });

const system = streamSystem(
  "The reference engine, except that the record of a dead worker's last settlements stays in the store when all that it held was taken over. Each crash leaves one more, and none is ever read again.",
  (tools) => stepsOn(tools, { ...scripts, claim }),
);

export default {
  ...system,
  killedBy: "drained",
  under: "smoke",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
