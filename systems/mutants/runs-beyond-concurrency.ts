/** Broken: a worker runs as many handlers at once as there are jobs to be had, whatever its concurrency. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Connection, Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that a worker runs up to forty times as many handlers at once as it was told to. All jobs are done, and sooner; the database behind them had connections for a few.",
  stepsOn,
);

const unlimited = (connection: Connection): Connection => ({
  ...connection,
  work: (work, stop) => connection.work({ ...work, concurrency: work.concurrency * 40 }, stop),
});

// Only where jobs pile up are there more to be had than hands: when the store comes back.
export default {
  ...system,
  connect: async (context, config) => unlimited(await system.connect(context, config)),
  killedBy: "concurrency-limit",
  under: "comeback",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
