import { expect, test } from "vitest";
import { sampleNames, sampleResult } from "./testing/sample-result.ts";
import { prometheus } from "./prometheus.ts";

/** The grammar of the text format, as far as gauges need it. */
const sample = /^[a-z_]+\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\n"])*",?)*\} -?\d+(?:\.\d+)?(?:e-?\d+)?$/;

test.each(sampleNames)("is text that Prometheus reads: %s", (name) => {
  const lines = prometheus.render(sampleResult(name)).trimEnd().split("\n");
  const seen = new Set<string>();
  for (const line of lines) {
    if (line.startsWith("# ")) expect(line).toMatch(/^# (HELP|TYPE) whitewater_[a-z_]+ \S/);
    else {
      expect(line).toMatch(sample);
      const [series = ""] = line.split("} ");
      expect(seen.has(series), `${series} stands there twice`).toBe(false);
      seen.add(series);
    }
  }
  expect(lines.filter((line) => line.startsWith("# HELP")).length).toBeGreaterThan(8);
});

test("tells the verdict, the violations and the quantiles in seconds", () => {
  const result = sampleResult("fail");
  const text = prometheus.render(result);
  const value = (pattern: RegExp): number => Number(pattern.exec(text)?.[1]);
  expect(value(/whitewater_verdict\{.*verdict="fail"\} (\d)/)).toBe(1);
  expect(value(/whitewater_verdict\{.*verdict="pass"\} (\d)/)).toBe(0);
  expect(value(/guarantee_violations\{.*guarantee="no-acked-loss"\} (\d+)/)).toBe(37);
  const measured = result.measures["run-latency"]?.measured;
  const p99 = measured?.kind === "distribution" ? measured.summary?.p99 : undefined;
  expect(value(/latency_seconds\{.*measure="run-latency",quantile="0.99"\} (\S+)/)).toBe((p99 ?? 0) / 1000);
});

test("a label cannot end its line", () => {
  const result = sampleResult("pass");
  const seed = 'a\\b"} 1\nwhitewater_verdict{verdict="fail"} 1';
  const text = prometheus.render({ ...result, run: { ...result.run, seed } });
  expect(text.split("\n").length).toBe(prometheus.render(result).split("\n").length);
});
