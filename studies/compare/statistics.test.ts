import { expect, test } from "vitest";
import { seeded, type Random } from "../../std/random.ts";
import { costOf, costRatio, typical, type Lap } from "./statistics.ts";

/** What a busy machine does to a lap: most cost a little more than they should, some a lot. */
function disturbed(cost: number, random: Random): number {
  const little = 1 + 0.05 * random.unit();
  return cost * little * (random.unit() < 0.3 ? 1 + 3 * random.unit() : 1);
}

/** Four rounds of laps in which the other costs so many times the base. */
function lapsOf(ratio: number, random: Random): readonly Lap[] {
  return Array.from({ length: 160 }, (_, index) => ({
    round: index % 4,
    base: disturbed(10, random),
    other: disturbed(10 * ratio, random),
  }));
}

/** How many of 100 comparisons find the two to differ by more than the margin. */
function found(ratio: number): (margin: number) => number {
  const intervals = Array.from({ length: 100 }, (_, seed) =>
    costRatio(lapsOf(ratio, seeded(`laps ${seed}`)), seeded(`draws ${seed}`)),
  );
  return (margin) =>
    intervals.filter((one) => one !== undefined && (one.from > 1 + margin || one.to < 1 / (1 + margin))).length;
}

test("what is equal is seldom told apart, also without a margin; what is slower by a tenth nearly always is", () => {
  const equal = found(1);
  expect(equal(0)).toBeLessThanOrEqual(12);
  expect(equal(0.02)).toBeLessThanOrEqual(1);
  expect(found(1 / 0.9)(0.02)).toBeGreaterThanOrEqual(98);
});

test("the interval is around the true ratio, and the same for the same draws", () => {
  const laps = lapsOf(1.5, seeded("laps"));
  const interval = costRatio(laps, seeded("draws"));
  expect(interval?.ratio).toBeCloseTo(1.5, 1);
  expect(interval?.from).toBeLessThan(interval?.ratio ?? 0);
  expect(interval?.to).toBeGreaterThan(interval?.ratio ?? 0);
  expect(costRatio(laps, seeded("draws"))).toEqual(interval);
});

test("a bad moment costs nobody anything: only the cheapest laps count", () => {
  expect(costOf([1, 1, 9, 9, 9, 9, 9, 9])).toBe(1);
  const laps = lapsOf(1, seeded("laps"));
  const late = laps.map((lap, index) => (index % 3 === 0 ? { ...lap, other: lap.other * 10 } : lap));
  expect(costRatio(late, seeded("draws"))?.ratio).toBeCloseTo(1, 1);
});

test("each round counts the same, however many laps it has", () => {
  expect(typical([[1], [4, 4, 4, 4], []])).toBeCloseTo(2);
  expect(typical([])).toBeUndefined();
});

test("two laps are no ground for an interval", () => {
  expect(costRatio(lapsOf(1, seeded("laps")).slice(0, 8), seeded("draws"))).toBeUndefined();
});
