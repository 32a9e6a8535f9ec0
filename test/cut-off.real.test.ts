/** However a run ends, nothing that it started outlives it, and what was recorded is kept. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJournal } from "../history/journal-file.ts";
import { eventually } from "../std/deadline.ts";
import { aliveOf, processesOf, temporaryRuns, trial, whitewater, type Started } from "./whitewater.ts";

const start = (runs: string) => whitewater(["run", "trial", "--config", trial, "--seed", "cut-off", "--runs", runs]);

/** Resolves when a fault is in force. */
async function underFault(run: Started, newest: () => string): Promise<void> {
  const armed = eventually(
    () =>
      existsSync(join(newest(), "journal.jsonl")) &&
      readJournal(join(newest(), "journal.jsonl")).some(({ type }) => type === "armed"),
    { deadlineMs: 120_000, awaited: "a fault to be armed" },
  );
  const early = run.ended.then(({ output }): never => {
    throw new Error(`it ended before a fault was armed:\n${output}`);
  });
  await Promise.race([armed, early]);
}

test("killed by SIGKILL under a fault, it leaves no process", { timeout: 300_000 }, async () => {
  using runs = temporaryRuns();
  const run = start(runs.path);
  await underFault(run, runs.newest);
  run.kill("SIGKILL");
  await run.ended;
  expect(processesOf(runs.newest()).length).toBeGreaterThan(5);
  await eventually(() => aliveOf(runs.newest()).length === 0, {
    deadlineMs: 60_000,
    awaited: "every process of the run to be gone",
  });
});

test(
  "stopped by SIGINT under a fault, it heals, stops everything, keeps the history and says so",
  { timeout: 300_000 },
  async () => {
    using runs = temporaryRuns();
    const run = start(runs.path);
    await underFault(run, runs.newest);
    run.kill("SIGINT");
    const ended = await run.ended;
    expect(ended.code, ended.output).toBe(2);
    expect(ended.output).toContain("stopped by SIGINT");
    expect(ended.output).toContain(runs.newest());
    expect(aliveOf(runs.newest())).toEqual([]);
    const journal = readJournal(join(runs.newest(), "journal.jsonl"));
    const armed = journal.filter(({ type }) => type === "arming").length;
    expect(journal.filter((line) => line.type === "healed" && line.evidence.proven).length).toBe(armed);
  },
);
