/**
 * Broken: the depth that the queue tells is the length of its stream. What is delayed, or waits for its retry, is not
 * there.
 */
import { openBroker } from "../../engine/redis/broker.ts";
import { keysOf } from "../../engine/redis/keys.ts";
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that the depth that it tells leaves out what is delayed. Whoever adds workers by that number adds them when it is too late.",
  stepsOn,
);

export default {
  ...system,
  async connect(context, config) {
    const connection = await system.connect(context, config);
    const broker = openBroker({ to: context.links.commands, name: `${context.name}:depth` }, () => {});
    return {
      ...connection,
      async depth() {
        await broker.whenReady();
        const answer = await broker.command("XLEN", keysOf(context.namespace, "job").jobs);
        if (answer.kind !== "answer") throw new Error(answer.message);
        return Number(answer.value);
      },
      async [Symbol.asyncDispose]() {
        broker.close();
        await connection[Symbol.asyncDispose]();
      },
    };
  },
  killedBy: "metrics-truthful",
  under: "smoke",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
