/**
 * Broken: the highest priority goes first whenever there is one. As long as urgent work comes, nothing else is ever
 * done.
 */
import { readFileSync } from "node:fs";
import { group, partsOf, type Part } from "../../engine/redis/keys.ts";
import { scriptOf } from "../../engine/redis/script.ts";
import { stepsOn, type Steps, type Tools } from "../../engine/redis/steps.ts";
import { monotonic, pause } from "../../std/clock.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, typeOf, type StreamConfig } from "../stream.ts";

const undelivered = scriptOf(readFileSync(new URL("undelivered.lua", import.meta.url), "utf8"));
/** Between two looks of a read that is to wait. */
const lookMs = 50;

const stepsAmong =
  (parts: readonly Part[]) =>
  (tools: Tools): Steps => {
    const { commands, priority } = tools;
    const steps = stepsOn(tools);
    const weight = parts.find((part) => part.priority === priority)?.weight ?? 0;
    const above = parts.filter((part) => part.weight > weight);

    async function hasToWait(): Promise<boolean> {
      const looks = await Promise.all(above.map(({ keys }) => commands.run(undelivered, [keys.jobs], [group])));
      return looks.some((answer) => answer.kind === "answer" && Number(answer.value) > 0);
    }

    return {
      ...steps,
      async read(consumer, count, waitMs) {
        if (!(await hasToWait())) return steps.read(consumer, count, waitMs);
        if (waitMs > 0) await pause(monotonic, lookMs);
        return [];
      },
    };
  };

const about =
  "The reference engine, except that the weights of priorities are no shares but ranks: a job is taken only when none of a higher priority waits. What is not urgent is done when nothing else is left to do, which may be never.";

export default {
  ...streamSystem(about, stepsOn),
  connect: (context, config) =>
    streamSystem(about, stepsAmong(partsOf(context.namespace, typeOf(context, config)))).connect(context, config),
  killedBy: "no-starvation",
  under: "priorities",
  hiddenUnder: { day: "its load has no priorities" },
  // Whoever is starved does not get its share.
  related: ["priority-honoured"],
} satisfies Mutant<StreamConfig>;
