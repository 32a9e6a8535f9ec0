/** The whole study on real servers and processes, as short as it goes: what is told, not how fast anything is. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { comparisonSchema } from "../reports/compare/schema.ts";
import { eventually } from "../std/deadline.ts";
import { root } from "../rules/tree.ts";
import { aliveOf, processesOf, temporaryRuns, whitewater } from "../cli/testing/whitewater.ts";

const timeout = 600_000;
const config = ["--config", join(root, "studies", "compare", "testing", "slowed.ts")];
const short = [...config, "--scenario", "none", "--seed", "short", "--seconds", "10", "--jobs", "300"];
const read = (directory: string) =>
  comparisonSchema.parse(JSON.parse(readFileSync(join(directory, "compare.json"), "utf8")));

test("who breaks a promise in a round is broken, first, and the exit code says so", { timeout }, async () => {
  using runs = temporaryRuns();
  const words = ["compare", "stream", "careless", ...short, "--rounds", "1", "--runs", runs.path];
  const { code, output } = await whitewater(words).ended;
  expect(output).toContain("careless  BROKEN: duplicates-explained");
  expect(code).toBe(1);
  const directory = runs.newest();
  const comparison = read(directory);
  expect(comparison.configurations.map(({ promises }) => promises.verdict)).toEqual(["pass", "fail"]);
  expect(comparison.configurations.every(({ latency }) => (latency?.jobs ?? 0) > 0)).toBe(true);
  expect(comparison.pairs[0]?.ratios.map(({ figure }) => figure)).toContain("jobsPerSecond");
  expect(comparison.method.backlogJobs).toBe(300);
  // Every figure is from a lap of which the record of a round tells.
  expect(comparison.laps.length).toBeGreaterThanOrEqual(12);
  expect(readdirSync(join(directory, "rounds"))).toEqual(["01-careless", "01-stream"]);
  expect(readFileSync(join(directory, "compare.md"), "utf8")).toContain("duplicates-explained");
  expect(readFileSync(join(directory, "compare.html"), "utf8")).toContain("duplicates-explained");
  expect(processesOf(directory).length).toBeGreaterThanOrEqual(6);
  expect(aliveOf(directory)).toEqual([]);
});

test("two of the same keep their promises, and a round can be judged again by itself", { timeout }, async () => {
  using runs = temporaryRuns();
  const words = ["compare", "stream", "stream", ...short, "--rounds", "1", "--runs", runs.path];
  const { code, output } = await whitewater(words).ended;
  expect(code, output).toBe(0);
  const directory = runs.newest();
  expect(read(directory).configurations.map(({ label }) => label)).toEqual(["stream", "stream (2)"]);
  const again = await whitewater(["recheck", join(directory, "rounds", "01-stream-2"), ...config]).ended;
  expect(again.code, again.output).toBe(0);
});

test("Ctrl-C in a round stops everything, and keeps what was measured", { timeout }, async () => {
  using runs = temporaryRuns();
  const started = whitewater(["compare", "stream", "stream", ...short, "--rounds", "2", "--runs", runs.path]);
  const second = (): boolean => existsSync(join(runs.newest(), "rounds", "02-stream", "journal.jsonl"));
  await Promise.race([
    eventually(second, { deadlineMs: timeout, awaited: "the second round" }),
    started.ended.then(({ output }): never => {
      throw new Error(`it ended before that:\n${output}`);
    }),
  ]);
  started.kill("SIGINT");
  const { code } = await started.ended;
  expect(code).toBe(2);
  const comparison = read(runs.newest());
  expect(comparison.verdict).toBe("unknown");
  expect(comparison.reasons.join(" ")).toContain("SIGINT");
  expect(comparison.laps.length).toBeGreaterThan(0);
  expect(aliveOf(runs.newest())).toEqual([]);
});

test("killed in a round, it leaves no process", { timeout }, async () => {
  using runs = temporaryRuns();
  const started = whitewater(["compare", "stream", "stream", ...short, "--runs", runs.path]);
  const first = (): boolean => existsSync(runs.newest()) && processesOf(runs.newest()).length >= 6;
  await eventually(first, { deadlineMs: timeout, awaited: "the first round" });
  expect(aliveOf(runs.newest()).length).toBeGreaterThan(0);
  started.kill("SIGKILL");
  await started.ended;
  await eventually(() => aliveOf(runs.newest()).length === 0, {
    deadlineMs: 120_000,
    awaited: "every process of the comparison to be gone",
  });
});

test.each([
  [["stream"], "at least two configurations"],
  [["stream", "nobody"], 'no system is called "nobody"'],
  [["stream", "stream:fast"], 'no profile of stream is called "fast"'],
  [["stream", ":"], "a configuration is SYSTEM or SYSTEM:PROFILE"],
  [["stream", "stream", "--fail-slower", "much"], "--fail-slower takes a percentage"],
  [["stream", "stream", "--scenario", "nigth"], 'no scenario is called "nigth"'],
  [["stream", "stream", "--seconds", "5"], "--seconds must be at least 10 for these 2 configurations"],
  [["stream", "--concurrency", "1,2", "--run-ms", "25000", "--seconds", "60"], "--seconds must be at least"],
  [["stream", "stream", "--jobs", "0"], "--jobs takes a whole number from 1"],
])("compare %j is a mistake that is named, and leaves nothing", { timeout }, async (words, says) => {
  using runs = temporaryRuns();
  const { code, output } = await whitewater(["compare", ...words, ...config, "--runs", runs.path]).ended;
  expect(output).toContain(says);
  expect(code).toBe(3);
  expect(readdirSync(runs.path)).toEqual([]);
});
