/**
 * Broken: a job that failed for good is acknowledged, and only then is its dead letter written. Killed in between,
 * there is none.
 */
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { tornSettlement } from "./torn-settlement.ts";

const system = streamSystem(
  "The reference engine, except that a job that failed for good is acknowledged first and its dead letter written afterwards. A worker that dies in between takes the job with it: nobody will ever know that it failed.",
  tornSettlement("dead", "acknowledged first"),
);

export default {
  ...system,
  killedBy: "no-acked-loss",
  under: "crashes",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
