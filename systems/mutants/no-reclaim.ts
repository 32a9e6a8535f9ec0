/** Broken: nobody takes over what the dead held. Their jobs stay in their hands for ever. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that the jobs of dead workers are never reclaimed. They stay in dead hands for ever: the bug of every queue that forgot that workers die.",
  (tools) => ({
    ...stepsOn(tools),
    claim: async () => ({ state: "gone", entries: [] }),
  }),
);

export default {
  ...system,
  killedBy: "recovery-bound",
  under: "crashes",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
