/** However a run ends, nothing that it started outlives it, and what was recorded is kept. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJournal } from "../history/journal-file.ts";
import type { JournalLine } from "../history/journal.ts";
import { monotonic } from "../std/clock.ts";
import { eventually } from "../std/deadline.ts";
import { faultyRun, narrow } from "../harness/testing/green-history.ts";
import { storeRun } from "../harness/testing/stored-run.ts";
import { root } from "../rules/tree.ts";
import { aliveOf, processesOf, temporaryRuns, trial, whitewater, type Started } from "../cli/testing/whitewater.ts";

const start = (runs: string) => whitewater(["run", "trial", "--config", trial, "--seed", "cut-off", "--runs", runs]);

/** Resolves when the journal of the run has such a line. */
async function seen(run: Started, newest: () => string, what: (line: JournalLine) => boolean): Promise<void> {
  const journal = () => join(newest(), "journal.jsonl");
  const written = eventually(() => existsSync(journal()) && readJournal(journal()).some(what), {
    deadlineMs: 120_000,
    awaited: "a line of the journal",
  });
  const early = run.ended.then(({ output }): never => {
    throw new Error(`it ended before that was in its journal:\n${output}`);
  });
  await Promise.race([written, early]);
}

const underFault = (run: Started, newest: () => string): Promise<void> =>
  seen(run, newest, ({ type }) => type === "armed");

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

test.each(["SIGINT", "SIGHUP"] as const)(
  "stopped by %s under a fault, it heals, stops everything, keeps the history, reports and says so",
  { timeout: 300_000 },
  async (name) => {
    using runs = temporaryRuns();
    const run = start(runs.path);
    await underFault(run, runs.newest);
    run.kill(name);
    const ended = await run.ended;
    expect(ended.code, ended.output).toBe(2);
    expect(ended.output).toContain(`stopped by ${name}`);
    expect(existsSync(join(runs.newest(), "report.html"))).toBe(true);
    expect(ended.output).toContain(runs.newest());
    expect(aliveOf(runs.newest())).toEqual([]);
    const journal = readJournal(join(runs.newest(), "journal.jsonl"));
    const armed = journal.filter(({ type }) => type === "arming").length;
    expect(journal.filter((line) => line.type === "healed" && line.evidence.proven).length).toBe(armed);
  },
);

/** The load never begins: nobody can connect. */
const endless = `
import { builtin } from ${JSON.stringify(join(root, "index.ts"))};
const { default: stream } = await builtin.systems.stream();
const load = { ...builtin.scenarios.day.load, jobs: 10 };
export default builtin.extend({
  systems: { endless: async () => ({ default: { ...stream, connect: () => new Promise(() => {}) } }) },
  scenarios: { small: { about: "Small.", store: "memory", load, trouble: [], exercises: [] } },
});
`;

test(
  "stopped by SIGINT before the load, it stops everything and says that nothing can be known",
  { timeout: 300_000 },
  async () => {
    using runs = temporaryRuns();
    const configuration = join(runs.path, "endless.ts");
    writeFileSync(configuration, endless);
    const run = whitewater(["run", "small", "--system", "endless", "--config", configuration, "--runs", runs.path]);
    await seen(run, runs.newest, (line) => line.type === "environment");
    run.kill("SIGINT");
    const ended = await run.ended;
    expect(ended.code, ended.output).toBe(2);
    expect(ended.output).toContain("stopped by SIGINT before the load began: there is nothing to judge");
    expect(ended.output).not.toMatch(/^\s+at /m);
    expect(aliveOf(runs.newest())).toEqual([]);
    expect(readJournal(join(runs.newest(), "journal.jsonl")).map(({ type }) => type)).toContain("stopped");
  },
);

/** A program that never answers, in place of a server. */
const silent = "#!/bin/sh\nexec sleep 600\n";

test("stopped while its store is starting, it ends at once", { timeout: 300_000 }, async () => {
  using runs = temporaryRuns();
  const server = join(runs.path, "silent");
  writeFileSync(server, silent, { mode: 0o755 });
  const env = { ...process.env, WHITEWATER_REDIS_SERVER: server };
  const run = whitewater(["run", "trial", "--config", trial, "--runs", runs.path], process.cwd(), env);
  await seen(run, runs.newest, (line) => line.type === "helper");
  const fromNs = monotonic.nowNs();
  run.kill("SIGTERM");
  const ended = await run.ended;
  // A store has two minutes to begin to answer.
  expect((monotonic.nowNs() - fromNs) / 1e9).toBeLessThan(60);
  expect(ended.code, ended.output).toBe(2);
  expect(ended.output).toContain("stopped by SIGTERM before the load began");
  expect(aliveOf(runs.newest())).toEqual([]);
});

test("a verdict is told, also where its reports cannot be written", { timeout: 300_000 }, async () => {
  using runs = temporaryRuns();
  const { path } = await storeRun(join(runs.path, "2026-01-01-stored"), faultyRun().run, narrow);
  mkdirSync(join(path, "report.html", "mine"), { recursive: true });
  const { code, output } = await whitewater(["recheck", path]).ended;
  expect(output).toMatch(/^PASS /m);
  expect(output).toMatch(/whitewater: .*report\.html cannot be written/);
  expect(output).not.toMatch(/^\s+at /m);
  expect(code).toBe(2);
});
