/** Broken: a client that once got no answer refuses everything from then on. */
import { stepsOn } from "../../engine/redis/steps.ts";
import { within } from "../../std/deadline.ts";
import type { Connection, Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that a producer whose enqueue was once not answered in time takes no job any more. It loses nothing that it took, its process is well, and nobody gets a job in until somebody starts it anew.",
  stepsOn,
);

/** Longer than any answer takes, shorter than a fault. */
const answerMs = 500;

function sulking(connection: Connection): Connection {
  let isBroken = false;
  return {
    ...connection,
    async enqueue(jobs) {
      if (isBroken) return jobs.map(() => ({ outcome: "refused", why: "the connection was lost" }));
      const receipts = connection.enqueue(jobs);
      await within(receipts, answerMs, "an answer").catch(() => (isBroken = true));
      return await receipts;
    },
  };
}

export default {
  ...system,
  connect: async (context, config) => sulking(await system.connect(context, config)),
  killedBy: "enqueue-recovers",
  under: "comeback",
  alsoUnder: ["day"],
  // A machine that is slow for a moment makes it refuse as well, and then no fault was near.
  related: ["enqueue-answered"],
} satisfies Mutant<StreamConfig>;
