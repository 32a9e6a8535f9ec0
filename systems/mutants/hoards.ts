/** Broken: one worker takes all that there is, whatever it can do. */
import type { PendingEntry } from "../../engine/redis/entry.ts";
import { stepsOn } from "../../engine/redis/steps.ts";
import { monotonic } from "../../std/clock.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { keyBeside } from "./beside.ts";

const all = 10_000;
const goesOnNs = 1e9;
const waitMs = 100;
/** Where so many come at once there are more. */
const many = 20;

const system = streamSystem(
  "The reference engine, except that one worker reads on as long as anything comes, so as to ask less often. What it has read it works off in its turn, while the others have their hands in their laps.",
  (tools) => {
    const steps = stepsOn(tools);
    let isOne: boolean | undefined;
    const claim = async (): Promise<boolean> => {
      const told = await tools.commands.command("SET", keyBeside(tools.keys, "hoarder"), 1, "NX", "EX", 600);
      return told.kind === "answer" && told.value !== null;
    };
    return {
      ...steps,
      async read(consumer, count, patienceMs) {
        isOne ??= await claim();
        if (!isOne) return steps.read(consumer, count, patienceMs);
        const first = await steps.read(consumer, all, patienceMs);
        if (first === undefined || first.length === 0) return first;
        const taken: PendingEntry[] = [...first];
        const until = monotonic.nowNs() + goesOnNs;
        for (let came = 0; came >= many || monotonic.nowNs() < until;) {
          const more = (await steps.read(consumer, all, waitMs)) ?? [];
          taken.push(...more);
          came = more.length;
        }
        return taken;
      },
    };
  },
);

export default {
  ...system,
  killedBy: "spread",
  under: "undisturbed",
  hiddenUnder: { day: "its faults follow each other so closely that no worker could be called idle for long" },
  // While it reads on, its own hands are free as well.
  related: ["started-on-time", "retry-on-time", "delayed-on-time"],
} satisfies Mutant<StreamConfig>;
