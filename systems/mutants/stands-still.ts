/** Broken: after an outage nobody takes a job for a while, though all are there, and all is due. */
import { stepsOn } from "../../engine/redis/steps.ts";
import { monotonic, pause } from "../../std/clock.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { keyBeside } from "./beside.ts";
import { toldOfBrokenReads } from "./store-life.ts";

/** Longer than anyone may wait for a dead worker. */
const standsMs = 20_000;
const lookMs = 200;

const system = streamSystem(
  "The reference engine, except that the first worker which finds the store back after a restart tells all to wait, so that it is not overrun, and they wait for twenty seconds. Then they go on, and nobody ever asks why.",
  (tools) => {
    const { commands, keys } = tools;
    const wait = keyBeside(keys, "wait");
    const steps = toldOfBrokenReads(stepsOn(tools), tools, (what) => {
      if (what === "store") void commands.command("SET", wait, 1, "NX", "PX", standsMs);
    });
    return {
      ...steps,
      async read(...which) {
        const told = await commands.command("EXISTS", wait);
        if (told.kind !== "answer" || told.value !== 1) return steps.read(...which);
        await pause(monotonic, lookMs);
        return [];
      },
    };
  },
);

export default {
  ...system,
  killedBy: "progress",
  under: "comeback",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
