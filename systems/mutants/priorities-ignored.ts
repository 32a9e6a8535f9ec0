/** Broken: a job's priority is taken and forgotten. What is urgent waits in line with everything else. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Job, Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that priorities are accepted and make no difference: all jobs stand in one line, in the order in which they came. Nobody notices until there is a line.",
  stepsOn,
);

const withoutPriority = ({ payload, delayMs }: Job): Job => ({
  payload,
  ...(delayMs === undefined ? {} : { delayMs }),
});

export default {
  ...system,
  async connect(context, config) {
    const { priorities: _, ...forgetful } = context;
    const connection = await system.connect(forgetful, config);
    return {
      ...connection,
      enqueue: (jobs) => connection.enqueue(jobs.map(withoutPriority)),
    };
  },
  killedBy: "priority-honoured",
  under: "priorities",
  hiddenUnder: { day: "its load has no priorities" },
  related: [],
} satisfies Mutant<StreamConfig>;
