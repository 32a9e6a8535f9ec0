/** Broken: a worker whose link was cut looks well from then on, and takes no job any more. The others do its work. */
import { stepsOn } from "../../engine/redis/steps.ts";
import { monotonic, pause } from "../../std/clock.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { toldOfBrokenReads } from "./store-life.ts";

/** Between two looks whether there is anything else to do. */
const lookMs = 500;

const system = streamSystem(
  "The reference engine, except that a worker whose link was cut beats its heart and takes no job any more, until somebody starts it anew. Nobody misses it as long as there are others; each cut leaves one less.",
  (tools) => {
    let isDeaf = false;
    const steps = toldOfBrokenReads(stepsOn(tools), tools, (what) => (isDeaf ||= what === "link"));
    return {
      ...steps,
      async read(...which) {
        if (!isDeaf) return steps.read(...which);
        await pause(monotonic, lookMs);
        return [];
      },
      claim: async (...which) => (isDeaf ? { state: "gone", entries: [] } : await steps.claim(...which)),
    };
  },
);

export default {
  ...system,
  killedBy: "workers-survive",
  under: "comeback",
  hiddenUnder: { day: "the next fault ends such a worker before it would have to be back" },
  related: [],
} satisfies Mutant<StreamConfig>;
