/** Broken: now and then the worker that was given a job forgets that it was, and nobody else is told. */
import { group } from "../../engine/redis/keys.ts";
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

/** Nobody's hands, in which nobody looks. */
const nobody = "~nobody";
const one = 300;

const system = streamSystem(
  "The reference engine, except that one job in three hundred is laid aside instead of being started, in a place where nobody looks. The queue goes on past it for ever, and nothing but its own count says that it is there.",
  (tools) => {
    const steps = stepsOn(tools);
    let came = 0;
    return {
      ...steps,
      async read(...which) {
        const read = await steps.read(...which);
        const left = read?.filter(() => ++came % one === 0) ?? [];
        for (const { entry } of left)
          await tools.commands.command("XCLAIM", tools.keys.jobs, group, nobody, 0, entry, "JUSTID");
        return read?.filter((held) => !left.includes(held));
      },
      claim: async (taker, dead, limit) =>
        dead === nobody ? { state: "gone", entries: [] } : await steps.claim(taker, dead, limit),
    };
  },
);

export default {
  ...system,
  killedBy: "drained",
  under: "undisturbed",
  hiddenUnder: { day: "what is laid aside there is caught by a fault, and failed by recovery-bound" },
  related: [],
} satisfies Mutant<StreamConfig>;
