/** Broken: now and then a job whose handler is done is handed to it once more before it is settled. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Connection, Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that one job in a hundred is run twice by the same worker, though nothing happened to it. At least once is what was promised; that this is no licence is what one forgets.",
  stepsOn,
);

const one = 100;

function hasty(connection: Connection): Connection {
  let run = 0;
  return {
    ...connection,
    work: (work, stop) =>
      connection.work(
        {
          ...work,
          async handle(delivery, signal) {
            await work.handle(delivery, signal);
            if (++run % one === 0) await work.handle(delivery, signal);
          },
        },
        stop,
      ),
  };
}

export default {
  ...system,
  connect: async (context, config) => hasty(await system.connect(context, config)),
  killedBy: "duplicates-explained",
  under: "smoke",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
