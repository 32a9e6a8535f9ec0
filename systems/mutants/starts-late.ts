/** Broken: now and then a job gets into line long after it was acknowledged. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { enqueuingLate } from "./enqueues-late.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that one job in three hundred gets into line twelve seconds after it was acknowledged. It is not lost, it is not early, and with hands free everywhere nobody has it.",
  stepsOn,
);

const one = 300;
const lateMs = 12_000;

export default {
  ...system,
  async connect(context, config) {
    let sent = 0;
    return enqueuingLate(await system.connect(context, config), ({ delayMs = 0 }) =>
      delayMs === 0 && ++sent % one === 0 ? lateMs : 0,
    );
  },
  killedBy: "started-on-time",
  under: "undisturbed",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
