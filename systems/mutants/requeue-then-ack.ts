/**
 * Broken: the next attempt is written, and only then is the failed one acknowledged. Killed in between, there are two.
 */
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { tornSettlement } from "./torn-settlement.ts";

const system = streamSystem(
  "The reference engine, except that a retry is written first and the failed attempt acknowledged afterwards. A worker that dies in between leaves two copies of the job, and each of them is worked to its end.",
  tornSettlement("retry", "written first"),
);

export default {
  ...system,
  killedBy: "one-verdict",
  under: "crashes",
  alsoUnder: ["day"],
  // As long as it stands in both places, the depth counts it twice, and its copies may run beside each other.
  related: ["attempts-exact", "metrics-truthful", "no-premature-reclaim", "duplicates-explained"],
} satisfies Mutant<StreamConfig>;
