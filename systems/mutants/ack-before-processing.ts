/**
 * Broken: a job is acknowledged and deleted when it is read, before its handler runs. Failures are still retried and
 * dead-lettered, by a settlement that cannot ask who owns the job; who is killed takes what it had in hand with it.
 */
import { readFileSync } from "node:fs";
import type { PendingEntry } from "../../engine/redis/entry.ts";
import { group } from "../../engine/redis/keys.ts";
import { scriptOf } from "../../engine/redis/script.ts";
import { scripts, stepsOn, type Tools } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { patched } from "./patched.ts";

/** The same settlement, except that an entry that is marked so needs no owner. */
const fence = "deliveries[ARGV[at]] == ARGV[at + 1]";
const settle = patched(scripts.settle, { [fence]: `${fence} or (record and ARGV[at + 1] == '0')` });

const system = streamSystem(
  "The reference engine, except that jobs are acknowledged before they are processed. What a worker has in hand when it dies is lost: the bug of every queue that is at most once and says at least once.",
  (tools) => {
    const steps = stepsOn(tools, { ...scripts, settle });
    return {
      ...steps,
      async read(...which) {
        const read = await steps.read(...which);
        return read === undefined ? undefined : acknowledged(tools, read);
      },
      async claim(taker, dead, limit) {
        const claimed = await steps.claim(taker, dead, limit);
        return claimed === undefined ? undefined : { ...claimed, entries: await acknowledged(tools, claimed.entries) };
      },
    };
  },
);

const acknowledgement = scriptOf(readFileSync(new URL("acknowledge.lua", import.meta.url), "utf8"));

/** Marks what is the worker's alone from now on; where no answer came, the entry is as it was, and so is its fence. */
async function acknowledged(
  { commands, keys: { jobs } }: Tools,
  read: readonly PendingEntry[],
): Promise<readonly PendingEntry[]> {
  if (read.length === 0) return read;
  const answer = await commands.run(acknowledgement, [jobs], [group, ...read.map(({ entry }) => entry)]);
  return answer.kind === "answer" ? read.map((held) => ({ ...held, deliveries: 0 })) : read;
}

// What runs is no longer in the store: the depth says less than is still to be done, and a store that looks empty may
// get its retry.
export default {
  ...system,
  killedBy: "no-acked-loss",
  under: "crashes",
  alsoUnder: ["day"],
  related: ["metrics-truthful", "drained"],
} satisfies Mutant<StreamConfig>;
