/** Broken: the length of a text has sixteen bits. Whatever is longer ends there. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { withTexts } from "./changed-texts.ts";

const most = 0xffff;

const system = streamSystem(
  "The reference engine, except that a worker reads no more than 65,535 bytes of a text, since nobody would send more. What was longer arrives without its end, and nothing says so.",
  (tools) =>
    withTexts(stepsOn(tools), (payload) =>
      payload.length <= most / 3 ? payload : Buffer.from(payload).subarray(0, most).toString(),
    ),
);

export default {
  ...system,
  killedBy: "no-phantom",
  under: "texts",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
