/**
 * Broken: an enqueue says ok before the broker has said anything. What does not arrive was acknowledged all the same.
 */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Connection, Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that an enqueue resolves as soon as the job is handed to the connection, and nobody looks at what became of it. While the broker is out of reach, jobs are acknowledged and thrown away.",
  stepsOn,
);

/** Long enough for a broker that is there. */
const deadlineMs = 100;

let given = 0;

const forgetful = (connection: Connection, name: string): Connection => ({
  ...connection,
  async enqueue(jobs) {
    connection.enqueue(jobs).catch(() => {}); // that nobody hears of it is the bug
    return jobs.map(() => ({ outcome: "ok", id: `${name}-${given++}` }));
  },
});

export default {
  ...system,
  connect: async (context, config) => forgetful(await system.connect(context, { ...config, deadlineMs }), context.name),
  killedBy: "no-acked-loss",
  under: "partition",
  alsoUnder: ["day"],
  // What was acknowledged and is not written yet, or never, is lacking in the depth as well.
  related: ["metrics-truthful"],
} satisfies Mutant<StreamConfig>;
