/** Broken: now and then a worker that is well keeps a job for a while before it begins with it. */
import { stepsOn } from "../../engine/redis/steps.ts";
import { monotonic, pause } from "../../std/clock.ts";
import type { Connection, Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that a worker keeps one job in five hundred for 25 seconds before it begins with it, though it is well and has hands free. All others go past it, so that no figure shows it but the longest of all waits.",
  stepsOn,
);

const one = 500;
const keptMs = 25_000;

function keeping(connection: Connection): Connection {
  let came = 0;
  return {
    ...connection,
    work: (work, stop) =>
      connection.work(
        {
          ...work,
          async handle(delivery, signal) {
            if (++came % one === 0) await pause(monotonic, keptMs, stop);
            await work.handle(delivery, signal);
          },
        },
        stop,
      ),
  };
}

export default {
  ...system,
  connect: async (context, config) => keeping(await system.connect(context, config)),
  killedBy: "started-on-time",
  under: "undisturbed",
  alsoUnder: ["day"],
  // What a hit worker sits on is lost with it, and is begun late by it when somebody else has done it.
  related: ["retry-on-time", "delayed-on-time", "recovery-bound", "duplicates-explained"],
} satisfies Mutant<StreamConfig>;
