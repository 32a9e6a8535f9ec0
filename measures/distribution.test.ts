import { decodeFromCompressedBase64 } from "hdr-histogram-js";
import { expect, test } from "vitest";
import { distribution, durations, merged, msAt, summaryOf } from "./distribution.ts";

/** Ticks are ten microseconds. */
const ticksOf = (ms: number): number => ms * 100;

test("tells percentiles to three digits, short and long alike", () => {
  const spans = durations();
  for (let ms = 1; ms <= 10_000; ms++) spans.add(ticksOf(ms));
  const summary = summaryOf(spans.histogram());
  expect(summary).toMatchObject({ count: 10_000, min: 1 });
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
  expect(summaryOf(spans.histogram())?.max).toBeCloseTo((2 ** 32 - 2) / 100, 0);
});

test("counts what seems to come too early as nothing", () => {
  const spans = durations();
  spans.add(-5);
  expect(summaryOf(spans.histogram())).toMatchObject({ count: 1, min: 0, max: 0 });
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
  const all = merged([one.histogram(), other.histogram(), durations().histogram()]);
  expect(summaryOf(all)).toMatchObject({ count: 3, min: 10 });
  expect(msAt(all, 100)).toBeCloseTo(2_000, 0);
});

test("is empty again after a reset", () => {
  const spans = durations();
  spans.add(7);
  spans.add(ticksOf(5_000));
  spans.histogram();
  spans.add(8);
  spans.reset();
  spans.add(ticksOf(1));
  expect(summaryOf(spans.histogram())).toMatchObject({ count: 1, min: 1, max: 1 });
});

test("draws a curve that rises, is denser towards 100, and ends at the maximum", () => {
  const spans = durations();
  for (let value = 1; value <= 200_000; value++) spans.add(value);
  const { curve, hgrm, summary } = distribution(spans.histogram(), {});
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
  expect(distribution(spans.histogram(), {}).curve.at(-2)?.[0]).toBeLessThanOrEqual(99);
});

test("is kept whole, for other tools to read and to merge", () => {
  const spans = durations();
  for (let ms = 1; ms <= 1_000; ms++) spans.add(ticksOf(ms));
  spans.add(2 ** 32 - 2);
  const { encoded, summary } = distribution(spans.histogram(), {});
  const decoded = decodeFromCompressedBase64(encoded);
  expect(summaryOf(decoded)).toMatchObject({ count: 1_001, p50: summary?.p50, p99: summary?.p99 });
  expect(distribution(merged([]), {}).encoded).not.toBe("");
});
