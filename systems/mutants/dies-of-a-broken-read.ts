/** Broken: a read that fails takes the worker's process along. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { afterBrokenRead } from "./broken-read.ts";

const system = streamSystem(
  "The reference engine, except that a worker whose blocking read was broken off ends with an error that nobody caught. Whoever starts it anew hides it: only the jobs that it had in hand tell.",
  (tools) =>
    afterBrokenRead(stepsOn(tools), () => {
      console.error("Error: connection lost while reading");
      process.exit(1);
    }),
);

export default {
  ...system,
  killedBy: "workers-survive",
  under: "comeback",
  alsoUnder: ["outage", "day"],
  related: [],
} satisfies Mutant<StreamConfig>;
