/** Broken: a worker that is asked to stop is gone at once, with whatever it had in hand. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Connection, Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that a worker which is asked to stop leaves at once: nothing that runs is finished, nothing that waits is handed back. Each deployment is a crash of every worker.",
  stepsOn,
);

function leavesAtOnce(connection: Connection): Connection {
  let hasLeft = false;
  return {
    ...connection,
    work: (work, stop) =>
      Promise.race([
        // It hears of no stop: it goes when its process does.
        connection.work(work, new AbortController().signal),
        new Promise<void>((resolve) => {
          const leave = (): void => {
            hasLeft = true;
            resolve();
          };
          if (stop.aborted) leave();
          stop.addEventListener("abort", leave, { once: true });
        }),
      ]),
    // The engine would see its worker out.
    async [Symbol.asyncDispose]() {
      if (!hasLeft) await connection[Symbol.asyncDispose]();
    },
  };
}

export default {
  ...system,
  connect: async (context, config) => leavesAtOnce(await system.connect(context, config)),
  killedBy: "graceful-stop",
  under: "rolling-restart",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
