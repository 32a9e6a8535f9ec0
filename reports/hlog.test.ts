import { HistogramLogReader, listTags } from "hdr-histogram-js";
import { expect, test } from "vitest";
import { sampleResult } from "./testing/sample-result.ts";
import { hlog } from "./hlog.ts";
import { latencies } from "./reading.ts";

test("HdrHistogram's reader finds every latency by its tag, with the same figures", () => {
  const result = sampleResult("pass");
  const text = hlog.render(result);
  const all = latencies(result);
  expect(listTags(text)).toEqual(all.map(({ name }) => name));
  const reader = new HistogramLogReader(text);
  for (const { measured } of all) {
    const histogram = reader.nextIntervalHistogram();
    if (histogram === null || histogram === undefined) throw new Error("the log ended too early");
    expect(histogram.totalCount).toBe(measured.summary?.count);
    for (const [percentile, ms] of [
      [50, measured.summary?.p50],
      [99, measured.summary?.p99],
    ] as const)
      expect(histogram.getValueAtPercentile(percentile) / 1000).toBeCloseTo(ms ?? Number.NaN, 1);
  }
});

test("a latency that was not measured has no line", () => {
  expect(hlog.render({ ...sampleResult("pass"), measures: {} }).split("\n")).toHaveLength(4);
});
