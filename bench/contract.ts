/** A benchmark: what it measures, and how. Types only. */
import type { Json } from "../std/json.ts";

export interface BenchResult {
  /** What a script compares, by name; the unit ends the name. */
  readonly figures: Readonly<Record<string, number>>;
  /** For people; the first row is the head. */
  readonly table: readonly (readonly string[])[];
  readonly settings: Json;
}

export interface Bench {
  readonly about: string;
  /** @param print tells people what is going on; never the result */
  run(print: (line: string) => void): Promise<BenchResult>;
}
