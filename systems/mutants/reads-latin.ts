/** Broken: a byte is a character. Texts of one alphabet arrive as they were sent, and no others. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { withTexts } from "./changed-texts.ts";

const system = streamSystem(
  "The reference engine, except that a worker takes each byte of a text for a character, as Latin-1 has it. Nobody who writes English ever sees it.",
  (tools) => withTexts(stepsOn(tools), (payload) => Buffer.from(payload).toString("latin1")),
);

export default {
  ...system,
  killedBy: "no-phantom",
  under: "texts",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
