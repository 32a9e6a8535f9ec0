/** Percentiles by the nearest rank: each is a value that was measured. */

/** Index of that percentile (0 to 100) among so many values in ascending order. */
export const rankOf = (count: number, percent: number): number =>
  Math.min(count - 1, Math.max(0, Math.ceil((percent / 100) * count) - 1));

/** Of ascending values; NaN where there are none. */
export const percentile = (ascending: ArrayLike<number>, percent: number): number =>
  ascending[rankOf(ascending.length, percent)] ?? Number.NaN;

/** The middle value, of two the lower one; NaN where there are none. */
export const median = (values: readonly number[]): number =>
  percentile(
    values.toSorted((a, b) => a - b),
    50,
  );
