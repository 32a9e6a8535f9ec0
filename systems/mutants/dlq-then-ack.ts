/** Broken: the dead letter is written, and only then is the job acknowledged. Killed in between, it dies once more. */
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { tornSettlement } from "./torn-settlement.ts";

const system = streamSystem(
  "The reference engine, except that a dead letter is written first and its job acknowledged afterwards. A worker that dies in between leaves both: the job is tried again, fails again, and stands among the dead letters twice.",
  tornSettlement("dead", "written first"),
);

export default {
  ...system,
  killedBy: "dead-letter-exactly-once",
  under: "crashes",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
