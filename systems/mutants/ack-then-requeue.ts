/**
 * Broken: a failed attempt is acknowledged, and only then is the next one written. Killed in between, there is none.
 */
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { tornSettlement } from "./torn-settlement.ts";

const system = streamSystem(
  "The reference engine, except that a failed attempt is acknowledged first and its retry written afterwards. A worker that dies in between takes the job with it: it was acknowledged, and is nowhere.",
  tornSettlement("retry", "acknowledged first"),
);

export default {
  ...system,
  killedBy: "no-acked-loss",
  under: "crashes",
  alsoUnder: ["day"],
  // As long as it stands in neither place, the depth does not count it.
  related: ["metrics-truthful"],
} satisfies Mutant<StreamConfig>;
