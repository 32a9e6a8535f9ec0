/** What a threshold may look like, and what is said of one that cannot be read. */
import { expect, test } from "vitest";
import { inFull, parseThreshold } from "./grammar.ts";

test.each([
  ["p99(end-to-end) < 500ms", "p99(end-to-end) < 500ms"],
  ["  p99.9( wait )<=1.5 s", "p99.9(wait) <= 1.5s"],
  ["med(run)>0ms", "med(run) > 0ms"],
  ["rate(throughput) > 1000 jobs/s", "rate(throughput) > 1000/s"],
  ["rate(outcomes.never ended) < 0.1%", "rate(outcomes.never ended) < 0.1%"],
  ["max(cpu.busiest worker) < 90 %", "max(cpu.busiest worker) < 90%"],
  ["count(recovery-time) >= 10 jobs", "count(recovery-time) >= 10"],
  ["p99(end-to-end) during quiet for urgent < 500ms", "p99(end-to-end) during quiet for urgent < 500ms"],
  ["avg(wait) < 0.0000001s", "avg(wait) < 0.0000001s"],
  ["max(wait) after faults <2min", "max(wait) after faults < 2min"],
  ["max(wait) for low.prio < 2min", "max(wait) for low.prio < 2min"],
])("%s", (written, text) => {
  const threshold = parseThreshold(written);
  expect(threshold.text).toBe(text);
  expect(parseThreshold(text)).toEqual(threshold);
});

test("its parts", () => {
  expect(parseThreshold("p99.9(outcomes.dead) during faults for urgent >= 12.5% else end")).toEqual({
    text: "p99.9(outcomes.dead) during faults for urgent >= 12.5%",
    figure: { of: "percentile", percentile: 99.9 },
    measure: "outcomes",
    line: "dead",
    phase: "faults",
    priority: "urgent",
    comparison: ">=",
    bound: { value: 12.5, unit: "%" },
    endsRun: true,
  });
  expect(inFull(parseThreshold("max(wait) < 1s, else end"))).toBe("max(wait) < 1s else end");
});

test.each([
  ["p(95)<500", /write p95\(end-to-end\) for "p\(95\)"/],
  ["p(95)(wait) < 500ms", /write p95\(wait\)/],
  ["p99(end-to-end) 500ms", /it compares nothing/],
  ["p99(end-to-end) == 500ms", /"==" compares nothing here: write one of <=, >=, <, >/],
  ["p99(end-to-end) != 500ms", /"!=" compares nothing/],
  ["median(wait) < 5ms", /no figure is called "median"; there are: avg, min, med, max, p/],
  ["p101(wait) < 5ms", /no percentile 101/],
  ["p0(wait) < 5ms", /no percentile 0/],
  ["p100.1(wait) < 5ms", /no percentile 100.1/],
  ["wait < 5ms", /begins with a figure of a measure, not with "wait"/],
  ["p99() < 5ms", /not with "p99/],
  [
    "p99(wait) during lunch < 5ms",
    /"during lunch" is no time of a run; there are: during quiet, during faults, after faults/,
  ],
  ["p99(wait) < 5 parsecs", /"parsecs" is no unit; there are: ms, s, min/],
  ["p99(wait) < fast", /"fast" is no bound/],
  ["p99(wait) < -5ms", /"-5ms" is no bound/],
  ["p99(wait) < NaNms", /is no bound/],
  [`p99(wait) < ${"9".repeat(400)}ms`, /too large a number/],
  ["p99(wait) <", /"" is no bound/],
  ["", /it compares nothing/],
  ["p99(wait) < 5ms or else", /is no bound/],
  ["constructor(wait) < 5ms", /no figure is called "constructor"/],
  ["p99(wait) constructor < 5ms", /is no time of a run/],
  ["p99(wait) < 5constructor", /is no unit/],
])("%s is refused", (written, why) => {
  expect(() => parseThreshold(written)).toThrow(why);
});
