/** Broken: all that is due leaves the delayed set, and the first page of it arrives. */
import { scripts, stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { patched } from "./patched.ts";

/** More than was ever due at once where each delay is another. */
const page = 2000;

const promote = patched(scripts.promote, {
  "while moved < tonumber(ARGV[1]) and bytes < 4194304 do": "while moved == 0 do",
  "'LIMIT', 0, 1)": `'LIMIT', 0, ${page})`,
  "  redis.call('ZREM', KEYS[1], member)\n": "",
  "-- Where nothing waits, no time has to go on.":
    "if moved > 0 then redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now)) end",
});

const system = streamSystem(
  "The reference engine, except that the jobs that are due are read a page of 2,000 at a time, and then removed from the delayed set by the time at which they were due. Where more are due at once, those behind the page are nowhere.",
  (tools) => stepsOn(tools, { ...scripts, promote }),
);

export default {
  ...system,
  killedBy: "no-acked-loss",
  under: "herd",
  hiddenUnder: { day: "so many of its jobs are never due at once" },
  related: [],
} satisfies Mutant<StreamConfig>;
