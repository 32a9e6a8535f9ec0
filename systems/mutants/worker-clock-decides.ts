/**
 * Broken: what is due is decided by the clock of whichever worker looks. One that is ahead starts everything too early.
 */
import { scripts, stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { patched } from "./patched.ts";

/** The engine's time line, with the worker's clock in place of the broker's. */
const promote = patched(scripts.promote, {
  "local now = timeline(KEYS[3])":
    "local time = redis.call('TIME')\nlocal now = timeline(KEYS[3]) - (time[1] * 1000 + math.floor(time[2] / 1000)) + ARGV[2]",
});
const page = 500;

const system = streamSystem(
  "The reference engine, except that a worker compares due times with its own clock and not with the broker's. On a machine whose clock is ahead, jobs start before they should: nothing is wrong until one clock of many is.",
  (tools) => ({
    ...stepsOn(tools),
    async promote() {
      const { delayed, jobs, clock } = tools.keys;
      // oxlint-disable-next-line no-restricted-globals -- the wall clock of this very process is the bug
      const answer = await tools.commands.run(promote, [delayed, jobs, clock], [page, Date.now()]);
      return answer.kind === "answer" ? Number(answer.value) : undefined;
    },
  }),
);

export default {
  ...system,
  killedBy: "delayed-not-early",
  under: "clock-skew",
  alsoUnder: ["day"],
  // Retries wait in the same place as delayed jobs, and are due by the same comparison.
  related: ["retry-not-early"],
} satisfies Mutant<StreamConfig>;
