/**
 * The test of the tester: a harness that does not do what it says makes a run unknown, never green. What shows without
 * a run has its tests elsewhere: an enqueue that nobody answered is no loss (checks/fates.test.ts), and no time is a
 * wall clock's (std/clock.test.ts).
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recordBytes } from "../history/record.ts";
import { resultSchema } from "../reports/result-schema.ts";
import { readResult, temporaryRuns, whitewater } from "../cli/testing/whitewater.ts";

const configuration = join(import.meta.dirname, "broken-harness.ts");
const timeout = 300_000;
/** Records. */
const dropped = 16;

const run = (scenario: string, runs: string) =>
  whitewater(["run", scenario, "--config", configuration, "--seed", "broken", "--runs", runs]).ended;

/** The reason that run-valid gives. */
function reasonOf(directory: string): string {
  const valid = resultSchema.parse(readResult(directory)).guarantees.find(({ name }) => name === "run-valid");
  return valid?.verdict === "unknown" ? valid.reason : "";
}

test.each([
  {
    scenario: "kill-astray",
    what: "a fault that reaches the wrong process",
    reason: /kill-astray-1 did not bite: process \d+ in worker:0 still lives/,
  },
  { scenario: "cut-for-ever", what: "a fault that is not healed", reason: /cut-for-ever-1 is not proven to be over/ },
])("$what makes the run unknown", { timeout }, async ({ scenario, reason }) => {
  using runs = temporaryRuns();
  const ended = await run(scenario, runs.path);
  expect(reasonOf(runs.newest())).toMatch(reason);
  expect(ended.code, ended.output).toBe(2);
});

test("a block of records that was dropped makes a green run unknown", { timeout }, async () => {
  using runs = temporaryRuns();
  const green = await run("quiet", runs.path);
  expect(green.code, green.output).toBe(0);
  const history = join(runs.newest(), "history");
  let damaged = 0;
  for (const file of readdirSync(history).map((name) => join(history, name))) {
    const whole = readFileSync(file);
    const middle = Math.floor(whole.length / recordBytes / 2) * recordBytes;
    const rest = whole.subarray(middle + dropped * recordBytes);
    if (rest.length === 0) continue;
    writeFileSync(file, Buffer.concat([whole.subarray(0, middle), rest]));
    const again = await whitewater(["recheck", runs.newest(), "--config", configuration]).ended;
    expect(reasonOf(runs.newest())).toMatch(/may be missing/);
    expect(again.code, again.output).toBe(2);
    writeFileSync(file, whole);
    damaged++;
  }
  // Of the producer and of both workers.
  expect(damaged).toBeGreaterThanOrEqual(3);
});
