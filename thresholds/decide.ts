/**
 * Whether a figure is within a bound, where some of what it is made of is not known: what was never over, and what a
 * run that was ended early did not get to see. Held only if it is held whatever that would have been; missed only if it
 * is missed even so. It counts, and does not ask a histogram, whose values are rounded.
 */
import type { Comparator, Statistic, Threshold } from "./contract.ts";

export type Decision = "held" | "missed" | "open";

/** Values on the lower side of the bound, on its upper side, and those that may yet be on either. */
export interface Sides {
  readonly below: number;
  readonly above: number;
  /** Not over, and below the bound so far. */
  readonly open: number;
  /** May still come, at most; infinite where nobody can know. */
  readonly missing: number;
  /** Of all values, those that are not over with what they are so far. */
  readonly sum: number;
  readonly areAllOver: boolean;
}

const asksForLess = (comparison: Comparator): boolean => comparison === "<" || comparison === "<=";

/** Which side of the bound a value is on that is equal to it: the one on which the threshold is held, if it says so. */
export const isBelow = (value: number, bound: number, comparison: Comparator): boolean =>
  comparison === "<" || comparison === ">=" ? value < bound : value <= bound;

export function compare(value: number, bound: number, comparison: Comparator): boolean {
  return isBelow(value, bound, comparison) === asksForLess(comparison);
}

export function decide({ figure, comparison }: Threshold, bound: number, sides: Sides): Decision {
  const [least, most] = rangeOf(figure, sides, bound, comparison);
  // An end of the range that is infinite is reached by nothing.
  const leastIs = compare(least, bound, comparison);
  const mostIs = compare(most, bound, comparison);
  return leastIs === mostIs ? (leastIs ? "held" : "missed") : "open";
}

/** The least and the most that it can be; of a percentile, values that stand on the side of the bound that it is on. */
function rangeOf(figure: Statistic, sides: Sides, bound: number, comparison: Comparator): readonly [number, number] {
  const { below, above, open, missing, sum, areAllOver } = sides;
  const seen = below + above + open;
  switch (figure.of) {
    case "avg":
      return [
        missing === Number.POSITIVE_INFINITY ? 0 : sum / (seen + missing),
        areAllOver && missing === 0 ? sum / seen : Number.POSITIVE_INFINITY,
      ];
    case "count":
    case "rate":
      return [seen, seen + missing];
    case "percentile": {
      const [low, high] = sidesOf(bound, comparison);
      return [
        isRankWithin(figure.percentile, below + open, seen, missing, "best") ? low : high,
        isRankWithin(figure.percentile, below, seen, missing, "worst") ? low : high,
      ];
    }
  }
}

/** Any value below the bound, and any above it. */
const sidesOf = (bound: number, comparison: Comparator): readonly [number, number] =>
  comparison === "<" || comparison === ">=" ? [bound - 1, bound] : [bound, bound + 1];

/**
 * Whether the value at that percentile is among the `lowest` smallest, if all that is missing is below them, or above
 * all.
 */
function isRankWithin(
  percentile: number,
  lowest: number,
  seen: number,
  missing: number,
  how: "best" | "worst",
): boolean {
  if (missing === Number.POSITIVE_INFINITY) {
    if (how === "best") return percentile < 100 || lowest === seen;
    return percentile === 0 && lowest > 0;
  }
  const all = seen + missing;
  const rank = Math.max(1, Math.ceil((percentile / 100) * all - 1e-6));
  return lowest + (how === "best" ? missing : 0) >= rank;
}
