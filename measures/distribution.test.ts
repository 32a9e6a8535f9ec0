import { decodeFromCompressedBase64 } from "hdr-histogram-js";
import { expect, test } from "vitest";
import { seeded } from "../std/random.ts";
import { allOf, distribution, durations, merged, msAt, summaryOf } from "./distribution.ts";

/** Ticks are ten microseconds. */
const ticksOf = (ms: number): number => ms * 100;

test("tells percentiles to three digits, short and long alike", () => {
  const spans = durations();
  for (let ms = 1; ms <= 10_000; ms++) spans.add(ticksOf(ms));
  const summary = summaryOf(spans.tally());
  expect(summary).toMatchObject({ count: 10_000, censored: 0, min: 1 });
  expect(summary).not.toHaveProperty("atLeast");
  for (const [name, exact] of [
    ["p50", 5_000],
    ["p90", 9_000],
    ["p99", 9_900],
    ["p999", 9_990],
    ["p9999", 9_999],
    ["max", 10_000],
    ["mean", 5_000.5],
  ] as const) {
    expect(Math.abs((summary?.[name] ?? 0) - exact) / exact).toBeLessThan(0.001);
  }
});

test("holds the longest time that the columns can tell", () => {
  const spans = durations();
  spans.add(2 ** 32 - 2);
  expect(summaryOf(spans.tally())?.max).toBeCloseTo((2 ** 32 - 2) / 100, 0);
});

test("counts what seems to come too early as nothing", () => {
  const spans = durations();
  spans.add(-5);
  expect(summaryOf(spans.tally())).toMatchObject({ count: 1, min: 0, max: 0 });
});

test("says nothing where nothing was measured", () => {
  const nothing = distribution(merged([]), { part: merged([]) });
  expect(nothing).toMatchObject({ summary: undefined, curve: [], parts: { part: { summary: undefined, curve: [] } } });
});

test("merges parts into the whole", () => {
  const [one, other] = [durations(), durations()];
  one.add(ticksOf(10));
  other.add(ticksOf(30));
  other.add(ticksOf(2_000));
  const all = merged([one.tally(), other.tally(), durations().tally()]);
  expect(summaryOf(all)).toMatchObject({ count: 3, min: 10 });
  expect(msAt(allOf(all), 100)).toBeCloseTo(2_000, 0);
});

test("is empty again after a reset", () => {
  const spans = durations();
  spans.add(7);
  spans.add(ticksOf(5_000));
  spans.tally();
  spans.add(8);
  spans.reset();
  spans.add(ticksOf(1));
  expect(summaryOf(spans.tally())).toMatchObject({ count: 1, min: 1, max: 1 });
});

test("draws a curve that rises, is denser towards 100, and ends at the maximum", () => {
  const spans = durations();
  for (let value = 1; value <= 200_000; value++) spans.add(value);
  const { curve, hgrm, summary } = distribution(spans.tally(), {});
  expect(curve.length).toBeGreaterThan(100);
  expect(curve.length).toBeLessThan(300);
  expect(curve.filter(([percentile]) => percentile >= 99 && percentile < 100).length).toBeGreaterThan(50);
  expect(curve.at(0)?.[0]).toBe(0);
  expect(curve.at(-2)?.[0]).toBe(99.999);
  expect(curve.at(-1)).toEqual([100, summary?.max]);
  for (const [index, [percentile, value]] of curve.entries()) {
    const [before, below] = curve[index - 1] ?? [-1, 0];
    expect(percentile).toBeGreaterThan(before);
    expect(value).toBeGreaterThanOrEqual(below);
  }
  expect(hgrm).toContain("Value     Percentile TotalCount 1/(1-Percentile)");
  expect(hgrm).toContain("#[Max     =     2000");
});

test("draws no points beyond a single value", () => {
  const spans = durations();
  for (let value = 1; value <= 100; value++) spans.add(value);
  expect(distribution(spans.tally(), {}).curve.at(-2)?.[0]).toBeLessThanOrEqual(99);
});

test("is kept whole, for other tools to read and to merge", () => {
  const spans = durations();
  for (let ms = 1; ms <= 1_000; ms++) spans.add(ticksOf(ms));
  spans.add(2 ** 32 - 2);
  const { encoded, summary } = distribution(spans.tally(), {});
  const decoded = decodeFromCompressedBase64(encoded);
  expect(summaryOf({ over: decoded, open: undefined })).toMatchObject({
    count: 1_001,
    p50: summary?.p50,
    p99: summary?.p99,
  });
  expect(distribution(merged([]), {}).encoded).not.toBe("");
});

test("what is not over counts with its age, and from there on percentiles are what they are at least", () => {
  const spans = durations();
  for (let job = 0; job < 980; job++) spans.add(ticksOf(10));
  for (let job = 0; job < 20; job++) spans.add(ticksOf(15_000 + job), false);
  const { summary, curve, exactTo, hgrm, encoded } = distribution(spans.tally(), {});
  expect(summary).toMatchObject({ count: 1_000, censored: 20, p50: expect.closeTo(10, 1), p90: expect.closeTo(10, 1) });
  expect(summary?.p99).toBeGreaterThan(14_900);
  expect(summary?.atLeast).toEqual(["mean", "p99", "p999", "p9999", "max"]);
  expect(exactTo).toBeGreaterThan(97.5);
  expect(exactTo).toBeLessThanOrEqual(98);
  expect(curve.at(-1)).toEqual([100, summary?.max]);
  expect(hgrm).toMatch(/\n#\[Censored: 20 of 1000 .*\]\n$/);
  expect(decodeFromCompressedBase64(encoded).totalCount).toBe(1_000);
});

test("a few that are open and young leave exact what they cannot move", () => {
  const spans = durations();
  for (let job = 0; job < 10_000; job++) spans.add(ticksOf(10 + (job % 2)));
  spans.add(ticksOf(0.1), false);
  // One more or less at 11 ms is nothing; but the longest of all may be the one that never ended.
  expect(summaryOf(spans.tally())).toMatchObject({ censored: 1, atLeast: ["mean", "min", "p50", "max"] });
});

test("where nothing was ever over, nothing is exact", () => {
  const spans = durations();
  spans.add(ticksOf(5), false);
  expect(summaryOf(merged([spans.tally(), durations().tally()]))).toMatchObject({
    count: 1,
    censored: 1,
    atLeast: ["mean", "min", "p50", "p90", "p99", "p999", "p9999", "max"],
    p50: 5,
  });
  spans.reset();
  expect(summaryOf(spans.tally())).toBeUndefined();
});

test("at least is the truth: whatever becomes of what is open, an exact percentile stays what it is", () => {
  const random = seeded("censored");
  for (let round = 0; round < 60; round++) {
    const [seen, later] = [durations(), durations()];
    const jobs = random.between(1, 300);
    for (let job = 0; job < jobs; job++) {
      const ticks = random.between(1, 100_000);
      const isOver = random.unit() > 0.1;
      seen.add(ticks, isOver);
      later.add(isOver ? ticks : ticks + random.between(0, 10_000_000));
    }
    const [told, truth] = [summaryOf(seen.tally()), summaryOf(later.tally())];
    for (const name of ["min", "p50", "p90", "p99", "max"] as const) {
      const [said, real] = [told?.[name] ?? 0, truth?.[name] ?? 0];
      if (told?.atLeast?.includes(name)) expect(real).toBeGreaterThanOrEqual(said * 0.999);
      else expect(Math.abs(real - said)).toBeLessThanOrEqual(said * 0.012);
    }
  }
});
