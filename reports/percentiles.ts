/**
 * How a percentile is told, the same in every report: as it is, or as what it is at least where some were never over.
 */
import type { Figure, Percentiles } from "../measures/contract.ts";
import { duration, milliseconds, plural } from "./figures.ts";
import type { Result } from "./contract.ts";
import { latencies } from "./reading.ts";

export const isAtLeast = ({ atLeast = [] }: Percentiles, figure: Figure): boolean => atLeast.includes(figure);

/** `≥ 12.4` */
export const bounded = (written: string, atLeast: boolean): string => (atLeast ? `≥ ${written}` : written);

export const written = (all: Percentiles, figure: Figure): string =>
  bounded(milliseconds(all[figure]), isAtLeast(all, figure));

/** For prose: `at least 12.4 s`. */
export const said = (all: Percentiles, figure: Figure): string =>
  `${isAtLeast(all, figure) ? "at least " : ""}${duration(all[figure])}`;

/** What the sign means, where it stands in any latency of the result. */
export function whatAtLeastMeans(result: Result): string | undefined {
  const censored = latencies(result).flatMap(({ title, measured: { summary } }) =>
    summary === undefined || summary.censored === 0
      ? []
      : [`${title.charAt(0).toLowerCase()}${title.slice(1)} of ${plural(summary.censored, "job")}`],
  );
  return censored.length === 0
    ? undefined
    : `≥: at least. What was never over counts with its age at the end: ${censored.join(", ")}.`;
}
