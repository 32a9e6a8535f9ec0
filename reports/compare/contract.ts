/**
 * Comparison: several configurations held against each other, as one plain value. compare.json is its JSON. Types only.
 */
import type { z } from "zod";
import type { comparisonSchema, figureNames } from "./schema.ts";

export type Comparison = z.output<typeof comparisonSchema>;
export type Configuration = Comparison["configurations"][number];
export type Pair = Comparison["pairs"][number];
export type Ratio = Pair["ratios"][number];
export type FigureName = (typeof figureNames)[number];
export type LapFigures = Comparison["laps"][number];

/** A file that a comparison leaves: a pure function of it. */
export interface ComparisonReport {
  readonly file: string;
  render(comparison: Comparison): string;
}
