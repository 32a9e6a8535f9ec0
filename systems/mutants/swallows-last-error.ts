/** Broken: when the last attempt fails as well, the job is called done. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Connection, Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that a job whose last attempt failed is settled as done. All counters say that everything was worked off, and nobody ever learns what was not.",
  stepsOn,
);

const swallowing = (connection: Connection, attempts: number): Connection => ({
  ...connection,
  work: (work, stop) =>
    connection.work(
      {
        ...work,
        async handle(delivery, signal) {
          try {
            await work.handle(delivery, signal);
          } catch (error) {
            if (delivery.attempt < attempts) throw error;
          }
        },
      },
      stop,
    ),
});

export default {
  ...system,
  connect: async (context, config) => swallowing(await system.connect(context, config), context.retries.attempts),
  killedBy: "at-least-once",
  under: "smoke",
  alsoUnder: ["day"],
  // Where the answer to that settlement is lost, the job is nowhere, and nobody knows that it was called done.
  related: ["no-acked-loss"],
} satisfies Mutant<StreamConfig>;
