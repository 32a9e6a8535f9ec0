/** Broken: a worker waits for a handler for a while only, and then takes it for done. */
import { stepsOn } from "../../engine/redis/steps.ts";
import { monotonic } from "../../std/clock.ts";
import type { Connection, Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that a job whose handler runs for longer than 40 ms is settled as done while it runs. What goes wrong from then on is nobody's: not its failure, and not the death of its process.",
  stepsOn,
);

const patienceMs = 40;

const impatient = (connection: Connection): Connection => ({
  ...connection,
  work: (work, stop) =>
    connection.work(
      {
        ...work,
        async handle(delivery, signal) {
          const run = work.handle(delivery, signal);
          run.catch(() => {}); // that nobody hears of it is the bug
          await Promise.race([run, monotonic.until(monotonic.nowNs() + patienceMs * 1e6)]);
        },
      },
      stop,
    ),
});

// What fails after that, or dies with its process, never comes to an end, and is lost where nobody lived to tell that
// it was
// settled; and the hand that was freed is given to another.
export default {
  ...system,
  connect: async (context, config) => impatient(await system.connect(context, config)),
  killedBy: "settled-after-end",
  under: "smoke",
  alsoUnder: ["day"],
  related: ["at-least-once", "concurrency-limit", "no-acked-loss"],
} satisfies Mutant<StreamConfig>;
