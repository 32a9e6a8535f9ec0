/**
 * Broken: an enqueue looks for duplicates by reading all that waits. The longer the queue, the longer everybody waits
 * who adds to it.
 */
import { openBroker } from "../../engine/redis/broker.ts";
import { keysOf } from "../../engine/redis/keys.ts";
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that every enqueue reads the whole queue first, as a client does that looks for duplicates by itself. With an empty queue nobody notices.",
  stepsOn,
);

export default {
  ...system,
  async connect(context, config) {
    const connection = await system.connect(context, config);
    const broker = openBroker({ to: context.links.commands, name: `${context.name}:duplicates` }, () => {});
    const { jobs } = keysOf(context.namespace, "job");
    return {
      ...connection,
      async enqueue(sent) {
        await broker.command("XRANGE", jobs, "-", "+");
        return connection.enqueue(sent);
      },
      async [Symbol.asyncDispose]() {
        broker.close();
        await connection[Symbol.asyncDispose]();
      },
    };
  },
  killedBy: "enqueue-unhindered",
  under: "api",
  hiddenUnder: { day: "its enqueues come to a standstill there, and enqueue-recovers fails it" },
  related: [],
} satisfies Mutant<StreamConfig>;
