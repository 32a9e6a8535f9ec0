/**
 * Broken: a dead letter says how a job failed in the end, and not how it failed at first, which is what a person asks.
 */
import { scripts, stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { patched } from "./patched.ts";

const settle = patched(scripts.settle, { "'firstError', ARGV[i + 6], ": "" });

const system = streamSystem(
  "The reference engine, except that a dead letter lacks the error of the first attempt. The last one often says only what the first one led to.",
  (tools) => stepsOn(tools, { ...scripts, settle }),
);

export default {
  ...system,
  killedBy: "dead-letter-complete",
  under: "smoke",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
