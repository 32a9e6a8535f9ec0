/**
 * Judges a threshold by what a measure gives: a series by its seconds, a distribution that does not tell its samples by
 * its curve.
 */
import type { Ledger } from "../history/ledger.ts";
import type { Distribution, Figure as SummaryFigure, Series, Spread } from "../measures/contract.ts";
import type { ObservedValue, Threshold } from "./contract.ts";
import { compare, type Decision } from "./decide.ts";
import { secondsOf } from "./phases.ts";

export interface MeasuredJudgement {
  readonly decision: Decision;
  readonly seen: Omit<ObservedValue, "unit">;
  /** Why it is not known, where that is more than that it was not over. */
  readonly why?: string;
  /** The second that is farthest on the wrong side. */
  readonly second?: number;
}

const nothing: ObservedValue & { readonly unit: "jobs" } = { value: null, atLeast: false, measured: 0, unit: "jobs" };

const partNames = { quiet: "before faults", faults: "during faults", after: "after faults" } as const;

export function judgeDistribution(threshold: Threshold, distribution: Distribution, bound: number): MeasuredJudgement {
  const { phase, priority, figure, comparison } = threshold;
  const { parts } = distribution;
  const wanted = [
    ...(phase === "whole" ? [] : [partNames[phase]]),
    ...(priority === undefined ? [] : [`priority ${priority}`]),
  ];
  const [name] = wanted;
  const spread: Spread | undefined = name === undefined ? distribution : parts[name];
  if (spread === undefined || wanted.length > 1)
    return {
      decision: "open",
      seen: nothing,
      why: `the measure "${threshold.measure}" does not tell ${wanted.map((one) => `"${one}"`).join(" with ")} apart`,
    };
  const { summary } = spread;
  if (summary === undefined || summary.count === 0) return { decision: "open", seen: nothing };
  const { value, atLeast } = figureIn(spread, figure);
  const seen = { value: Number.isFinite(value) ? value : null, atLeast, measured: summary.count };
  if (!Number.isFinite(value))
    return { decision: "open", seen, why: `the measure "${threshold.measure}" gives ${value} for it` };
  const isHeld = compare(value, bound, comparison);
  // What is more than that is on the upper side all the same.
  const isSure = !atLeast || isHeld === (comparison === ">" || comparison === ">=");
  return { decision: isSure ? (isHeld ? "held" : "missed") : "open", seen };
}

const summaryNames: Readonly<Record<number, SummaryFigure>> = {
  0: "min",
  50: "p50",
  90: "p90",
  99: "p99",
  99.9: "p999",
  99.99: "p9999",
  100: "max",
};

/** Between two points of the curve it is the upper one. */
function figureIn(
  { summary, curve, exactTo = 100 }: Spread,
  figure: Threshold["figure"],
): { readonly value: number; readonly atLeast: boolean } {
  if (figure.of === "count" || figure.of === "rate") return { value: summary?.count ?? Number.NaN, atLeast: false };
  const name = figure.of === "percentile" ? summaryNames[figure.percentile] : "mean";
  if (name !== undefined)
    return { value: summary?.[name] ?? Number.NaN, atLeast: summary?.atLeast?.includes(name) ?? false };
  const percentile = figure.of === "percentile" ? figure.percentile : 100;
  return { value: curve.find(([at]) => at >= percentile)?.[1] ?? Number.NaN, atLeast: percentile > exactTo };
}

export function judgeSeries(threshold: Threshold, series: Series, bound: number, ledger: Ledger): MeasuredJudgement {
  const { comparison, figure } = threshold;
  const isShare = figure.of === "rate" && threshold.bound.unit === "%";
  const isSum = isShare || figure.of === "count";
  const [from, until] = secondsOf(ledger, threshold.phase);
  // Where jobs are counted, those of its last second are among them, and those that were done afterwards.
  const isLast = threshold.phase === "whole" || threshold.phase === "after";
  const to = isSum && isLast && until > from ? Number.POSITIVE_INFINITY : until;
  const within = (line: readonly (number | null)[]): readonly (readonly [second: number, value: number])[] =>
    line.flatMap((value, i) => {
      const second = series.at[i] ?? Number.NaN;
      return value === null || !(second >= from && second < to) ? [] : [[second, value] as const];
    });
  const line = lineOf(threshold, series);
  if (line === undefined)
    return { decision: "open", seen: nothing, why: `the measure has no line "${threshold.line ?? ""}" in this run` };
  const points = within(line);
  const all = sumOf(Object.values(series.lines).flatMap(within));
  if (points.length === 0 || (all === 0 && isSum)) return { decision: "open", seen: nothing };
  const value = isShare ? (100 * sumOf(points)) / all : figureOf(points, figure);
  const seen = {
    value: Number.isFinite(value) ? value : null,
    atLeast: false,
    measured: isSum ? all : points.length,
  };
  if (!Number.isFinite(value))
    return { decision: "open", seen, why: `the measure "${threshold.measure}" gives ${value} for it` };
  if (compare(value, bound, comparison)) return { decision: "held", seen };
  const isUpper = comparison === "<" || comparison === "<=";
  const offered = series.lines["offered"];
  if (!isUpper && offered !== undefined && line !== offered) {
    const most = figureOf(within(offered), figure);
    if (!compare(most, bound, comparison))
      return { decision: "open", seen, why: `the load itself offered ${Math.round(most)} a second only` };
  }
  const [worst] = points.toSorted((a, b) => (isUpper ? b[1] - a[1] : a[1] - b[1]));
  return { decision: "missed", seen, ...(worst === undefined ? {} : { second: worst[0] }) };
}

/** The line that was asked for; else what is done, the only one, or nothing. */
const lineOf = ({ line }: Threshold, { lines }: Series): readonly (number | null)[] | undefined =>
  lines[line ?? (Object.keys(lines).length === 1 ? (Object.keys(lines)[0] ?? "") : "done")];

const sumOf = (points: readonly (readonly [number, number])[]): number =>
  points.reduce((sum, [, value]) => sum + value, 0);

function figureOf(points: readonly (readonly [number, number])[], figure: Threshold["figure"]): number {
  if (figure.of === "count") return sumOf(points);
  if (figure.of !== "percentile") return sumOf(points) / points.length;
  const values = points.map(([, value]) => value);
  return figure.percentile === 0 ? Math.min(...values) : Math.max(...values);
}
