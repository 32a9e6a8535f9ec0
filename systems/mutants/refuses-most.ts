/** Broken: a producer takes one job of a hundred, and refuses the others, though the store has all the room there is. */
import { stepsOn } from "../../engine/steps.ts";
import type { Connection, Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that a producer refuses ninety-nine of a hundred jobs, with nothing wrong anywhere. What it takes is done in good order, and so little is left to be judged that all else looks well.",
  stepsOn,
);

const refusing = (connection: Connection): Connection => {
  let count = 0;
  return {
    ...connection,
    async enqueue(jobs) {
      const isTaken = jobs.map(() => ++count % 100 === 1);
      const receipts = [...(await connection.enqueue(jobs.filter((_, index) => isTaken[index])))];
      const refused = { outcome: "refused", why: "too busy" } as const;
      return isTaken.map((taken) => (taken ? receipts.shift() : undefined) ?? refused);
    },
  };
};

export default {
  ...system,
  connect: async (context, config) => refusing(await system.connect(context, config)),
  killedBy: "enqueue-answered",
  under: "smoke",
  related: [],
} satisfies Mutant<StreamConfig>;
