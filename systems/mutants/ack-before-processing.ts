/**
 * Broken: a job is acknowledged and deleted when it is read, before its handler runs. Failures are still retried and
 * dead-lettered, by a settlement that cannot ask who owns the job; who is killed takes what it had in hand with it.
 */
import { readFileSync } from "node:fs";
import type { Held } from "../../engine/entry.ts";
import { group } from "../../engine/keys.ts";
import { scriptOf, type Script } from "../../engine/script.ts";
import { scripts, stepsOn, type Tools } from "../../engine/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that jobs are acknowledged before they are processed.",
  (tools) => {
    const steps = stepsOn(tools, { ...scripts, settle: unfenced(scripts.settle) });
    return {
      ...steps,
      async read(consumer, count) {
        const read = await steps.read(consumer, count);
        if (read !== undefined) await acknowledge(tools, read);
        return read;
      },
      async claim(taker, dead, limit) {
        const claimed = await steps.claim(taker, dead, limit);
        if (claimed !== undefined) await acknowledge(tools, claimed.entries);
        return claimed;
      },
    };
  },
);

const acknowledgement = scriptOf(readFileSync(new URL("acknowledge.lua", import.meta.url), "utf8"));

async function acknowledge({ commands, keys: { jobs } }: Tools, read: readonly Held[]): Promise<void> {
  if (read.length > 0) await commands.run(acknowledgement, [jobs], [group, ...read.map(({ entry }) => entry)]);
}

/** The same settlement for whoever asks. */
function unfenced({ lua }: Script): Script {
  const fence = "deliveries[ARGV[at]] == ARGV[at + 1]";
  if (!lua.includes(fence)) throw new Error("the settlement's fence looks different now: this mutant has to follow");
  return scriptOf(lua.replace(fence, "true"));
}

export default { ...system, killedBy: "no-acked-loss" } satisfies Mutant<StreamConfig>;
