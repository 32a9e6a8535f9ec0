/** Broken: the consumer group begins where the stream ends when the first worker joins. */
import { scripts, stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { patched } from "./patched.ts";

const join = patched(scripts.join, { "ARGV[1], '0', 'MKSTREAM'": "ARGV[1], '$', 'MKSTREAM'" });

const system = streamSystem(
  "The reference engine, except that the first worker makes the consumer group at the end of the stream, as the examples of XGROUP CREATE do. What was enqueued before there was any worker lies in the stream for ever.",
  (tools) => stepsOn(tools, { ...scripts, join }),
);

export default {
  ...system,
  killedBy: "drained",
  under: "late-workers",
  hiddenUnder: { day: "its workers are there before the first job" },
  related: [],
} satisfies Mutant<StreamConfig>;
