/** Broken: an empty text is taken for none. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Connection, Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that a job without a text is taken for no job: its enqueue is acknowledged, and nothing is written. Whoever says all with the mere fact that a job is there says nothing.",
  stepsOn,
);

const demanding = (connection: Connection): Connection => ({
  ...connection,
  async enqueue(jobs) {
    const written = await connection.enqueue(jobs.filter(({ payload }) => payload));
    let next = 0;
    return jobs.map(({ payload }) =>
      payload ? (written[next++] ?? { outcome: "unknown", why: "no receipt" }) : { outcome: "ok", id: "none" },
    );
  },
});

export default {
  ...system,
  connect: async (context, config) => demanding(await system.connect(context, config)),
  killedBy: "no-acked-loss",
  under: "texts",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
