/** Broken: now and then a job is acknowledged under the id of another. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Connection, Mutant, Receipt } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that one job of a hundred is acknowledged under the id of the one before it. Whoever asks for his job by that id, or cancels it, gets at somebody else's.",
  stepsOn,
);

const confusing = (connection: Connection): Connection => {
  let count = 0;
  let last: Receipt | undefined;
  return {
    ...connection,
    async enqueue(jobs) {
      const receipts = await connection.enqueue(jobs);
      return receipts.map((own) => {
        const isConfused = own.outcome === "ok" && ++count % 100 === 0;
        const told = isConfused && last?.outcome === "ok" ? last : own;
        last = own;
        return told;
      });
    },
  };
};

export default {
  ...system,
  connect: async (context, config) => confusing(await system.connect(context, config)),
  killedBy: "receipts-unique",
  under: "smoke",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
