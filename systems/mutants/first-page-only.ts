/**
 * Broken: whoever looks for what the dead held looks at the first page of the pending entries list, and at no other.
 */
import { group } from "../../engine/redis/keys.ts";
import { list, textOf } from "../../engine/redis/reply.ts";
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const page = 1;

const system = streamSystem(
  "The reference engine, except that a look for what the dead held ends with the first page of all pending entries. One job is found soon; of many, those behind wait for the next look, and the next, and the one after that.",
  (tools) => {
    const steps = stepsOn(tools);
    return {
      ...steps,
      async claim(taker, dead, limit) {
        const { jobs } = tools.keys;
        const answer = await tools.commands.command("XPENDING", jobs, group, "-", "+", page);
        if (answer.kind !== "answer") return undefined;
        const theirs = list(answer.value).filter((row) => textOf(list(row)[1]) === dead).length;
        if (theirs === 0) return { state: "gone", entries: [] };
        const claimed = await steps.claim(taker, dead, Math.min(theirs, limit));
        return claimed?.state === "more" ? { ...claimed, state: "gone" } : claimed;
      },
    };
  },
);

export default {
  ...system,
  killedBy: "recovery-bound",
  under: "crashes",
  alsoUnder: ["day"],
  related: ["started-on-time", "retry-on-time", "delayed-on-time"],
} satisfies Mutant<StreamConfig>;
