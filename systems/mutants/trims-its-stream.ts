/** Broken: the stream is kept short by whoever sweeps it, whether its entries were read or not. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

/** More than ever waited while workers were there. */
const kept = 20_000;

const system = streamSystem(
  "The reference engine, except that each look for the dead trims the stream to its newest 20,000 entries, so that it cannot fill the memory. As long as workers keep up nothing is lost; of a long backlog, the oldest jobs are.",
  (tools) => {
    const steps = stepsOn(tools);
    return {
      ...steps,
      async survey() {
        await tools.commands.command("XTRIM", tools.keys.jobs, "MAXLEN", kept);
        return steps.survey();
      },
    };
  },
);

export default {
  ...system,
  killedBy: "no-acked-loss",
  under: "backlog",
  hiddenUnder: { day: "so many jobs never wait there at once" },
  related: ["metrics-truthful"],
} satisfies Mutant<StreamConfig>;
