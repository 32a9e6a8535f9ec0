/** What a handful of measurements say: the middle one, and how far they lie apart. */
import { median } from "../std/percentile.ts";

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** @throws when there is nothing to look at */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) throw new Error("no values");
  return { median: median(values), least, most };
}
