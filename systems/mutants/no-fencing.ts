/**
 * Broken: a settlement does not ask who owns the job. Whoever once held it may settle it, while another is at work on
 * it.
 */
import { scripts, stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { patched } from "./patched.ts";

const settle = patched(scripts.settle, {
  "ARGV[5], 1000000, consumer)": "ARGV[5], 1000000)",
  "local mine = deliveries[ARGV[at]] == ARGV[at + 1]": "local mine = deliveries[ARGV[at]] ~= nil",
});

const system = streamSystem(
  "The reference engine, except that a settlement is accepted from whoever sends it, as long as the job is pending at all. A worker that stood still, lost its jobs and came back settles what another is working on.",
  (tools) => stepsOn(tools, { ...scripts, settle }),
);

export default {
  ...system,
  killedBy: "fenced",
  under: "zombie",
  alsoUnder: ["day"],
  // Whoever has a job rightly may not have begun it when it is settled by another.
  related: ["no-premature-reclaim", "duplicates-explained"],
} satisfies Mutant<StreamConfig>;
