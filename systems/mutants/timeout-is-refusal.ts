/** Broken: an enqueue that was not answered in time is called refused. The job may have been written, and is run. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Connection, Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that no answer is taken for a refusal. Its caller does something else instead, such as to tell the customer that the order failed; and then the order is carried out.",
  stepsOn,
);

/** Over at once: each batch is sent once, and its answer awaited as long as the connection does. */
const deadlineMs = 1;

const certain = (connection: Connection): Connection => ({
  ...connection,
  async enqueue(jobs) {
    const receipts = await connection.enqueue(jobs);
    return receipts.map((receipt) => (receipt.outcome === "unknown" ? { ...receipt, outcome: "refused" } : receipt));
  },
});

export default {
  ...system,
  connect: async (context, config) => certain(await system.connect(context, { ...config, deadlineMs })),
  killedBy: "no-phantom",
  under: "reply-loss",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
