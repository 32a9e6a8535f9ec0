import { expect, test } from "vitest";
import { median, percentile } from "./percentile.ts";

test.each([
  [0, 1],
  [25, 1],
  [26, 2],
  [50, 2],
  [75, 3],
  [99, 4],
  [100, 4],
])("percentile %d of four values is one of them", (percent, value) => {
  expect(percentile([1, 2, 3, 4], percent)).toBe(value);
  expect(percentile(Float64Array.of(1, 2, 3, 4), percent)).toBe(value);
});

test("a median is of values in any order, and of none there is none", () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2, 7]);
  expect([median([]), percentile([], 99)]).toEqual([Number.NaN, Number.NaN]);
});
