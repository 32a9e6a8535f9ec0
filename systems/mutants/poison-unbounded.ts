/** Broken: a job that kills its worker is taken over like any other, for ever, and kills the next one. */
import { scripts, stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { patched } from "./patched.ts";

const claim = patched(scripts.claim, { "if entry[4] + 1 >= tonumber(ARGV[6]) then": "if false then" });

const system = streamSystem(
  "The reference engine, except that nobody counts the workers that a job took along. A job that kills its worker is handed to the next one, and with it die all that stand beside it, again and again.",
  (tools) => stepsOn(tools, { ...scripts, claim }),
);

export default {
  ...system,
  killedBy: "poison-isolated",
  under: "poison",
  hiddenUnder: { day: "no job of its load ends its worker" },
  // What stands beside it is lost again and again, too, and not all of it goes on in the end.
  related: ["recovery-bound"],
} satisfies Mutant<StreamConfig>;
