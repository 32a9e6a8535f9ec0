import { expect, test } from "vitest";
import { curvePercents, median, percentile } from "./percentile.ts";

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

test("a curve has ten points to each halving of the distance to 100, as far as a value is left beyond", () => {
  expect(curvePercents(0)).toEqual([]);
  expect(curvePercents(2)).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]);
  expect(curvePercents(100).at(-1)).toBe(98.984375);
  expect(curvePercents(1e7).slice(-2)).toEqual(
    [100 - 0.00106811523438, 99.999].map((percent) => expect.closeTo(percent, 6)),
  );
});
