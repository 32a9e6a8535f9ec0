/** Broken: who takes over from the dead takes what they had last, and does not ask what of it is done. */
import type { PendingEntry } from "../../engine/redis/entry.ts";
import { texts } from "../../engine/redis/reply.ts";
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { keyBeside } from "./beside.ts";

/** Of so many it is on record who had them. */
const remembered = 5;

const system = streamSystem(
  "The reference engine, except that a dead worker's jobs are looked up in a list of what it had last, from which nobody strikes what is settled. Each death has some of them run again that were done long before it.",
  (tools) => {
    const steps = stepsOn(tools);
    const { commands, keys } = tools;
    const listOf = (consumer: string): string => keyBeside(keys, `had:${consumer}`);
    return {
      ...steps,
      async settle(consumer, batch, verdicts) {
        const settling = await steps.settle(consumer, batch, verdicts);
        if (settling.kind !== "marks") return settling;
        const done = verdicts.filter(({ as }, index) => as === "done" && settling.marks[index] === true);
        if (done.length === 0) return settling;
        await commands.command("LPUSH", listOf(consumer), ...done.map(({ held }) => JSON.stringify(held)));
        await commands.command("LTRIM", listOf(consumer), 0, remembered - 1);
        return settling;
      },
      async claim(taker, dead, limit) {
        const claimed = await steps.claim(taker, dead, limit);
        if (claimed?.state !== "gone") return claimed;
        const had = await commands.command("LPOP", listOf(dead), remembered);
        const again = had.kind === "answer" ? texts(had.value).map((held): PendingEntry => JSON.parse(held)) : [];
        return { ...claimed, entries: [...claimed.entries, ...again] };
      },
    };
  },
);

export default {
  ...system,
  killedBy: "duplicates-explained",
  under: "crashes",
  alsoUnder: ["day"],
  // Who was cut off before it heard that its word had been accepted hears it when it is back, and seems to speak for
  // the one
  // who had the job meanwhile.
  related: ["fenced"],
} satisfies Mutant<StreamConfig>;
