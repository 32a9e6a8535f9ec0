import { expect, test } from "vitest";
import type { Distribution, Percentiles } from "../../measures/contract.ts";
import { sampleResult } from "../testing/sample-result.ts";
import type { Result } from "../contract.ts";
import { bottleneck } from "./bottleneck.ts";

const sample = sampleResult("pass");

function run(told: {
  readonly cores?: readonly number[];
  readonly lateMs?: number;
  readonly beforeMs?: number;
  readonly unsent?: number;
}): Result {
  const summary = (p99: number): Percentiles => ({
    count: 1,
    censored: 0,
    min: 0,
    mean: 0,
    p50: 0,
    p90: 0,
    p99,
    p999: p99,
    p9999: p99,
    max: p99,
  });
  const lateness: Distribution = {
    kind: "distribution",
    unit: "ms",
    summary: summary(told.lateMs ?? 2),
    curve: [],
    hgrm: "",
    encoded: "",
    parts: told.beforeMs === undefined ? {} : { "before faults": { summary: summary(told.beforeMs), curve: [] } },
  };
  const { cores } = told;
  return {
    ...sample,
    jobs: { ...sample.jobs, sent: sample.jobs.planned - (told.unsent ?? 0) },
    incidents: sample.incidents.slice(0, 1).map((incident) => ({
      ...incident,
      touches: told.beforeMs === undefined ? ["worker:0"] : ["producer:0"],
    })),
    measures: {
      lateness: { about: "", measured: lateness },
      ...(cores === undefined
        ? {}
        : {
            cpu: {
              about: "",
              measured: { kind: "series", unit: "%", at: cores.map((_, i) => i), lines: { "producer 0": cores } },
            },
          }),
    },
  };
}

test.each([
  ["in time and idle", { cores: [10, 40] }, /^No: .* 2\.00 ms .* 40 % of a core/],
  ["out of processor time", { cores: [10, 97] }, /^It may have been: .* 97 % of a core/],
  ["late, and idle", { cores: [10], lateMs: 800 }, /^The machine may have been: .* 800 ms/],
  [
    "late for a fault of its own",
    { cores: [10], lateMs: 9_000, beforeMs: 3 },
    /^No: before the first fault .* 3\.00 ms/,
  ],
  ["idle, and left jobs unsent", { cores: [10], unsent: 7 }, /^The machine may have been: .* 7 jobs were never sent/],
  ["late, and nobody knows why", { lateMs: 800 }, /^It may have been: .* not recorded/],
  ["in time, and nobody knows how hard it was", {}, /^Its lateness does not say so: .* not recorded/],
])("a generator that is %s", (_, told, says) => {
  expect(bottleneck(run(told)).replaceAll("\u00a0", " ")).toMatch(says);
});
