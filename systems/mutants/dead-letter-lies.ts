/** Broken: a dead letter has all its fields, and what stands in most of them is made up. */
import { scripts, stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { patched } from "./patched.ts";

const settle = patched(scripts.settle, {
  "'origin', ARGV[i + 4]": "'origin', '?'",
  "'enqueuedAt', ARGV[i + 8]": "'enqueuedAt', '1'",
  "'failedAt', failedAt": "'failedAt', '2'",
  "'worker', consumer": "'worker', 'nobody'",
});

const system = streamSystem(
  "The reference engine, except that a dead letter names a queue, two times and a worker that there never were. Every field is filled in, and whoever follows one of them ends nowhere.",
  (tools) => stepsOn(tools, { ...scripts, settle }),
);

export default {
  ...system,
  killedBy: "dead-letter-complete",
  under: "smoke",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
