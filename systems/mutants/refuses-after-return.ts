/** Broken: a producer calls its script by a name that the store forgets when it starts again. */
import { openBroker } from "../../engine/redis/broker.ts";
import { textOf } from "../../engine/redis/reply.ts";
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that a producer loads its script once, when it starts, and never again. Once the store was started anew it knows no such script, and every enqueue is refused from then on, in good order and for ever.",
  stepsOn,
);

export default {
  ...system,
  async connect(context, config) {
    const connection = await system.connect(context, config);
    const broker = openBroker({ to: context.links.commands, name: `${context.name}:script` }, () => {});
    // Each process has one of its own: another that starts anew does not bring it back.
    const script = `return "${context.name}"`;
    let loaded: string | undefined;
    return {
      ...connection,
      async enqueue(jobs) {
        if (loaded === undefined) {
          await broker.whenReady();
          const answer = await broker.command("SCRIPT", "LOAD", script);
          if (answer.kind === "answer") loaded = textOf(answer.value);
        }
        const called = loaded === undefined ? undefined : await broker.command("EVALSHA", loaded, 0);
        if (called?.kind === "error" && called.code === "NOSCRIPT")
          return jobs.map(() => ({ outcome: "refused", why: called.message }));
        return connection.enqueue(jobs);
      },
      async [Symbol.asyncDispose]() {
        broker.close();
        await connection[Symbol.asyncDispose]();
      },
    };
  },
  killedBy: "enqueue-recovers",
  under: "comeback",
  alsoUnder: ["outage", "day"],
  related: [],
} satisfies Mutant<StreamConfig>;
