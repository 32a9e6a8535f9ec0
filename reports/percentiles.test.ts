import { expect, test } from "vitest";
import { sampleResult } from "./testing/sample-result.ts";
import type { Result } from "./contract.ts";
import { hgrm } from "./hgrm.ts";
import { hlog } from "./hlog.ts";
import { html } from "./html/index.ts";
import { markdown } from "./markdown.ts";
import { prometheus } from "./prometheus.ts";
import { paceOf, paceText } from "./reading.ts";
import { summary } from "./terminal.ts";

const plain = { colour: false, width: 100 };
/** 37 of its jobs never ended: one in a thousand. */
const broken = sampleResult("fail");
const sound = sampleResult("pass");

test("where a percentile falls among what never ended, every report says at least", () => {
  expect(summary(broken, plain)).toMatch(/^End-to-end latency +\d[\d.,]* +\d[\d.,]* +\d[\d.,]* +≥ [\d,]+ +≥ [\d,]+$/m);
  expect(summary(broken, plain)).toMatch(/^jobs .* dead, 37 never ended$/m);
  expect(markdown.render(broken)).toMatch(
    /^\| End-to-end latency \| [\d.,]+ \| [\d.,]+ \| [\d.,]+ \| ≥ .* \| ≥ .* \|$/m,
  );
  expect(markdown.render(broken)).toMatch(/^≥: at least\. .*: end-to-end latency of 37 jobs\.$/m);
  const page = html.render(broken);
  expect(page).toMatch(/<p class="note">p99 [^<]*, worst at least \d/);
  expect(page).toMatch(/<td class="figure">≥ \d/);
  expect(page).toContain("37 jobs never ended");
  expect(page).toContain('"label":"all, at least"');
  expect(hgrm.render(broken)).toMatch(/^#\[Censored: 37 of /m);
  expect(hlog.render(broken)).toMatch(/^#\[end-to-end-latency: 37 of .*\]\nTag=end-to-end-latency,/m);
});

test("Prometheus is told which quantiles are that at least, and of how many jobs", () => {
  const text = prometheus.render(broken);
  const value = (pattern: RegExp): number => Number(pattern.exec(text)?.[1]);
  expect(value(/latency_at_least\{.*measure="end-to-end-latency",quantile="0.5"\} (\d)/)).toBe(0);
  expect(value(/latency_at_least\{.*measure="end-to-end-latency",quantile="0.9999"\} (\d)/)).toBe(1);
  expect(value(/latency_censored_jobs\{.*measure="end-to-end-latency"\} (\d+)/)).toBe(37);
  expect(value(/latency_censored_jobs\{.*measure="run-latency"\} (\d+)/)).toBe(0);
});

test("where everything was over, nobody says at least", () => {
  const told = [summary(sound, plain), markdown.render(sound), hgrm.render(sound), hlog.render(sound)].join("\n");
  expect(told).not.toMatch(/≥|Censored|never ended/);
  expect(html.render(sound)).not.toMatch(/≥|never ended|at least /);
});

test("where jobs that a fault had caught never went on, every report says so", () => {
  const stuck = sampleResult("unknown");
  expect(summary(stuck, plain)).toMatch(
    /^recovery +3 jobs caught by a fault never went on: at least 17\.4 s; bound 15 s$/m,
  );
  expect(markdown.render(stuck)).toMatch(/^\| \S+ \| \d+ \| 3 \| [\d,]+ \| [\d,]+ \| ≥ 17,400 \|$/m);
  expect(prometheus.render(stuck)).toMatch(/recovery_open_jobs\{.*\} 3$/m);
  const page = html.render(stuck);
  expect(page).toContain("bound 15 s, and 3 jobs never went on");
  expect(page).toMatch(/<span class="bad">≥ 17/);
  expect(page).toContain("never went on</th>");
  expect(page).toContain("3 never, after at least 17.4 s");
  expect(html.render(sound)).not.toContain("never went on");
});

/** Jobs done in each second of a run whose load was over after that many. */
function done(bySecond: readonly number[], loadSeconds: number): Result {
  return {
    ...sound,
    phases: { ...sound.phases, loadFrom: 0, loadTo: loadSeconds * 1e9 },
    measures: {
      throughput: {
        about: "",
        measured: {
          kind: "series",
          unit: "jobs/s",
          at: bySecond.map((_, second) => second),
          lines: { done: bySecond },
        },
      },
    },
  };
}

test("what was done in the drain is no throughput of the load", () => {
  const pace = paceOf(done([100, 100, 0, 0, 0, 0, 143, 80], 3));
  expect(pace).toEqual({ perSecond: 200 / 3, seconds: 3, best: 143, afterwards: 223 });
  if (pace !== undefined)
    expect(paceText(pace)).toBe("67 jobs/s done over 3 s of load, 143 in the best second; 223 more afterwards");
});

test.each([
  [[10, 10, 500], 2.1],
  [[500], 0.05],
  [[500, 500, 500], 2.999],
  [[], 5],
  [[0, 0, 7], 3],
])("no mean is above the best second: %j in %s s", (bySecond, loadSeconds) => {
  const pace = paceOf(done(bySecond, loadSeconds));
  expect(pace?.perSecond).toBeLessThanOrEqual(pace?.best ?? 0);
  expect((pace?.perSecond ?? 0) * (pace?.seconds ?? 0) + (pace?.afterwards ?? 0)).toBeCloseTo(
    bySecond.reduce((sum: number, jobs) => sum + jobs, 0),
  );
});

test("nobody counted, nobody says", () => {
  expect(paceOf({ ...sound, measures: {} })).toBeUndefined();
});
