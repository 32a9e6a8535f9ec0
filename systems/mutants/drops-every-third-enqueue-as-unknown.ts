/** Broken: every third job is thrown away, and its sender is told that nobody knows what became of it. */
import { stepsOn } from "../../engine/steps.ts";
import type { Connection, Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that a producer drops every third job and answers that it does not know. It loses none that it took, and nobody gets his work done by it.",
  stepsOn,
);

const dropping = (connection: Connection): Connection => {
  let count = 0;
  return {
    ...connection,
    async enqueue(jobs) {
      const isKept = jobs.map(() => ++count % 3 > 0);
      const receipts = [...(await connection.enqueue(jobs.filter((_, index) => isKept[index])))];
      const lost = { outcome: "unknown", why: "no answer came" } as const;
      return isKept.map((kept) => (kept ? receipts.shift() : undefined) ?? lost);
    },
  };
};

export default {
  ...system,
  connect: async (context, config) => dropping(await system.connect(context, config)),
  killedBy: "enqueue-answered",
  under: "smoke",
  related: [],
} satisfies Mutant<StreamConfig>;
