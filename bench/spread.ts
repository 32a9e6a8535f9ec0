/** What a handful of measurements say: the middle one, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** @throws when there is nothing to look at */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  const [below, above] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  if (least === undefined || most === undefined || below === undefined || above === undefined)
    throw new Error("no values");
  return { median: (below + above) / 2, least, most };
}
