/**
 * What the page's script draws from, as JSON inside the page. Figures are cut to four digits, which is more than a plot
 * can show; the same thing has the same colour in every plot.
 */
import type { Unit } from "../../measures/contract.ts";
import type { Family } from "./families.ts";

/** What report.html draws from. */
export interface PageData {
  readonly timeline: TimelineData;
  readonly curves: CurvesData;
}

/** What compare.html draws from. */
export type ComparisonData = Pick<PageData, "curves">;

export interface TimelineData {
  /** A row for each name, in the order in which they are shown; seconds since the load began. */
  readonly rows: readonly { readonly name: string; readonly family: Family; readonly faults: readonly Band[] }[];
  readonly loadTo: number;
  readonly drainTo: number;
  readonly series: Readonly<Record<string, SeriesData>>;
}

export interface Band {
  readonly id: string;
  /** The place of its evidence in the page. */
  readonly anchor: string;
  /** What stands beside its bar: its number among those of its name. */
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Whom it hit, and what befell them. */
  readonly told: string;
}

export interface SeriesData {
  readonly unit: Unit;
  /** Its lines are parts of a whole: drawn on top of each other. */
  readonly stacked: boolean;
  readonly at: readonly number[];
  readonly lines: readonly Line[];
}

export interface Line {
  readonly label: string;
  readonly colour: Colour;
  readonly values: readonly (number | null)[];
}

/** Percentile curves; x is 1 / (1 - p), so that each further nine takes the same width. */
export type CurvesData = Readonly<Record<string, readonly PercentileCurve[]>>;

export interface PercentileCurve {
  readonly label: string;
  readonly colour: Colour;
  /**
   * Whole, one of its parts, the stretch of either that is known as "at least", or as it would look had the generator
   * waited for the system.
   */
  readonly weight: "whole" | "part" | "at least" | "uncorrected";
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Custom properties of the style sheet: a palette that the colour-blind can tell apart, light and dark. */
const palette = ["blue", "orange", "green", "purple", "red", "sky"] as const;
export type Colour = (typeof palette)[number] | "quiet" | "ink";

const own: Readonly<Record<string, Colour>> = {
  offered: "quiet",
  intended: "quiet",
  planned: "quiet",
  uncorrected: "quiet",
  acknowledged: "blue",
  started: "orange",
  done: "green",
  ended: "green",
  settled: "green",
  failed: "red",
  sent: "blue",
  "the record": "quiet",
  "the system": "purple",
  waiting: "blue",
  active: "green",
  delayed: "sky",
  stranded: "red",
  retrying: "orange",
  p50: "blue",
  p90: "sky",
  p99: "orange",
  max: "red",
  "before faults": "green",
  "during faults": "red",
  "after faults": "blue",
};

export function coloured<Value>(
  entries: readonly (readonly [string, Value])[],
): readonly { readonly label: string; readonly colour: Colour; readonly value: Value }[] {
  const taken = new Set(entries.flatMap(([label]) => own[label] ?? []));
  const free = palette.filter((colour) => !taken.has(colour));
  let next = 0;
  return entries.map(([label, value]) => ({
    label,
    colour: own[label] ?? free[next++ % free.length] ?? "blue",
    value,
  }));
}

const figure = (value: number): number => Number(value.toPrecision(4));

export const figures = (values: readonly (number | null)[]): readonly (number | null)[] =>
  values.map((value) => (value === null ? null : figure(value)));

/**
 * A curve's last point is the maximum at 100 %, which lies at infinity: it is drawn where the last of `count` jobs
 * stands.
 */
export function curve(points: readonly (readonly [number, number])[], count: number): Pick<PercentileCurve, "x" | "y"> {
  const furthest = Math.max(count, 2);
  return {
    x: points.map(([percentile]) => figure(Math.min(furthest, 1 / Math.max(1 - percentile / 100, 1e-12)))),
    y: points.map(([, value]) => figure(value)),
  };
}

/** JSON that cannot end the element that it stands in. */
export const embedded = (data: PageData | ComparisonData): string =>
  JSON.stringify(data).replaceAll("<", String.raw`\u003c`);
