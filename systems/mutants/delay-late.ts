/** Broken: now and then a delay is longer than it was asked to be. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { enqueuingLate } from "./enqueues-late.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that one delay in twenty is twelve seconds longer than it was asked to be. None is over too early, which is all that most people look at.",
  stepsOn,
);

const one = 20;
const lateMs = 12_000;

export default {
  ...system,
  async connect(context, config) {
    let sent = 0;
    return enqueuingLate(await system.connect(context, config), ({ delayMs = 0 }) =>
      delayMs > 0 && ++sent % one === 0 ? lateMs : 0,
    );
  },
  killedBy: "delayed-on-time",
  under: "undisturbed",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
