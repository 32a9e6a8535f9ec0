import { expect, test } from "vitest";
import { sampleComparison } from "../../reports/compare/testing/sample-comparison.ts";
import type { LapFigures } from "../../reports/compare/contract.ts";
import { seeded } from "../../std/random.ts";
import { figuresOfConfiguration, pairOf, regressions, verdictOf } from "./verdict.ts";

const [sampleLap] = sampleComparison("equal").laps;

/** Four rounds of ten laps, in which the other costs so many times the base. */
function lapsOf(ratio: number): readonly LapFigures[] {
  const random = seeded("laps");
  return Array.from({ length: 40 }, (_, lap) =>
    (["a", "b"] as const).flatMap((configuration) =>
      (["backlog", "steady"] as const).map((kind): LapFigures => {
        const cost = (configuration === "a" ? 1 : ratio) * (1 + 0.02 * random.unit());
        if (sampleLap === undefined) throw new Error("the sample has laps");
        const times = { wallMs: 200 * cost, undisturbedMs: 100 * cost, p50Ms: cost, p99Ms: 10 * cost };
        const cpu = { workerMicrosPerJob: 9 * cost, brokerMicrosPerJob: cost };
        return { ...sampleLap, configuration, kind, lap, round: lap % 4, ...times, ...cpu };
      }),
    ),
  ).flat();
}

const pair = (ratio: number) => pairOf(lapsOf(ratio), "a", "b", seeded("draws"));
const says = (ratio: number) => Object.fromEntries(pair(ratio).ratios.map((one) => [one.figure, one.says]));

test("throughput and costs say the same in their own direction", () => {
  expect(new Set(Object.values(says(1)))).toEqual(new Set(["no difference seen"]));
  expect(new Set(Object.values(says(1.4)))).toEqual(new Set(["worse"]));
  expect(new Set(Object.values(says(0.7)))).toEqual(new Set(["better"]));
  const throughput = pair(1.25).ratios.find(({ figure }) => figure === "jobsPerSecond");
  expect(throughput?.ratio).toBeCloseTo(0.8, 1);
  expect(throughput?.from).toBeLessThan(throughput?.to ?? 0);
});

test("a difference within the margin is not told apart, however sure it is", () => {
  const [throughput] = pair(1.015).ratios;
  expect(throughput?.says).toBe("no difference seen");
  expect(throughput?.to).toBeLessThan(1);
});

test("figures are in the units of people", () => {
  expect(figuresOfConfiguration(lapsOf(1), "a").jobsPerSecond).toBeCloseTo(50_000, -4);
  expect(figuresOfConfiguration(lapsOf(1), "nobody")).toEqual({});
});

test("the CPU time is no figure where the platform does not tell it", () => {
  const untold = lapsOf(2).map((lap) => ({ ...lap, workerMicrosPerJob: 0, brokerMicrosPerJob: 0 }));
  expect(pairOf(untold, "a", "b", seeded("draws")).ratios.map(({ figure }) => figure)).toEqual([
    "jobsPerSecond",
    "latencyP50Ms",
    "latencyP99Ms",
  ]);
});

test("slower by more than was allowed is a failure, only where it was asked for", () => {
  expect(regressions([pair(1.4)], 10)).not.toEqual([]);
  expect(regressions([pair(1.4)], 50)).toEqual([]);
  expect(regressions([pair(1.4)], undefined)).toEqual([]);
  expect(regressions([pair(0.7)], 0)).toEqual([]);
  expect(regressions([pair(1)], 0)).toEqual([]);
});

test("broken comes before unknown, unknown before pass, and nothing measured is unknown", () => {
  const { configurations: kept } = sampleComparison("equal");
  const { configurations: broken } = sampleComparison("broken");
  const pairs = [pair(1)];
  expect(verdictOf(kept, pairs, [], []).verdict).toBe("pass");
  expect(verdictOf(kept, pairs, ["a process ended"], []).verdict).toBe("unknown");
  expect(verdictOf(kept, [{ base: "a", other: "b", ratios: [] }], [], []).verdict).toBe("unknown");
  expect(verdictOf(kept, pairs, [], ["b is slower"]).verdict).toBe("fail");
  const verdict = verdictOf(broken, pairs, ["a process ended"], []);
  expect(verdict.verdict).toBe("fail");
  expect(verdict.reasons[0]).toContain("no-acked-loss");
});
