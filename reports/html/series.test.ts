import { expect, test } from "vitest";
import type { Series } from "../../measures/contract.ts";
import { sampleResult } from "../testing/sample-result.ts";
import { seriesData } from "./series.ts";

const result = { ...sampleResult("pass"), phases: { loadFrom: 2e9, loadTo: 0, drainFrom: 0, drainTo: 0 } };
const series = (unit: Series["unit"], line: readonly (number | null)[]): Series => ({
  kind: "series",
  unit,
  at: line.map((_, second) => second),
  lines: { line },
});

test("counts seconds from the beginning of the load, and keeps each one of an hour", () => {
  const data = seriesData(
    result,
    series(
      "jobs",
      Array.from({ length: 3600 }, (_, second) => second),
    ),
  );
  expect(data.at.slice(0, 3)).toEqual([-2, -1, 0]);
  expect(data.lines[0]?.values).toHaveLength(3600);
});

test.each([
  ["ms", 9],
  ["jobs", 9],
  ["%", 9],
  ["jobs/s", 5],
  ["processes", 1],
] as const)("a longer run has a point for some seconds together, and %s tell what was worst in them", (unit, told) => {
  const line = Array.from({ length: 7200 }, (_, second) => (second === 4000 ? 1 : second === 4001 ? 9 : null));
  const data = seriesData(result, series(unit, line));
  expect(data.at).toHaveLength(3600);
  expect(data.at[2000]).toBe(3998);
  expect(data.lines[0]?.values.filter((value) => value !== null)).toEqual([told]);
  expect(data.lines[0]?.values[2000]).toBe(told);
});

test("a part that is nothing all the time is not drawn; a line of its own is", () => {
  const lines = { some: [1, 2], none: [0, 0] };
  const both: Series = { kind: "series", unit: "jobs", at: [0, 1], lines };
  expect(seriesData(result, both).lines).toHaveLength(2);
  expect(seriesData(result, { ...both, stacked: true }).lines.map(({ label }) => label)).toEqual(["some"]);
});
