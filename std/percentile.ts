/** Percentiles by the nearest rank: each is a value that was measured. */

/** Index of that percentile (0 to 100) among so many values in ascending order. */
export const rankOf = (count: number, percent: number): number =>
  Math.min(count - 1, Math.max(0, Math.ceil((percent / 100) * count) - 1));

/** Of ascending values; NaN where there are none. */
export const percentile = (ascending: ArrayLike<number>, percent: number): number =>
  ascending[rankOf(ascending.length, percent)] ?? Number.NaN;

/** Ten steps to each halving of the distance to 100, up to 99.999. */
const steps = [...Array(17).keys()]
  .map((halvings) => 100 / 2 ** halvings)
  .flatMap((distance) => [...Array(10).keys()].map((step) => 100 - distance + (distance / 2) * (step / 10)))
  .filter((percent) => percent < 99.999)
  .concat(99.999);

/** Where a curve of so many values has its points, below its maximum: as far as a value is left beyond. */
export const curvePercents = (count: number): readonly number[] =>
  steps.filter((percent) => ((100 - percent) / 100) * count >= 1);

/** The middle value, of two the lower one; NaN where there are none. */
export const median = (values: readonly number[]): number =>
  percentile(
    values.toSorted((a, b) => a - b),
    50,
  );
