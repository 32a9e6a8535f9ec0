/** A harness that is killed leaves nothing behind: with its guardian at once, without it when the next one starts. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openJournal, readJournal } from "../history/journal-file.ts";
import type { JournalLine } from "../history/journal.ts";
import { monotonic } from "../std/clock.ts";
import { eventually, within } from "../std/deadline.ts";
import { identify, isAlive, signal } from "../std/process-identity.ts";
import { scratchRun } from "../test/environment.ts";
import { startGuardian } from "./guardian.ts";
import { sweep, sweepAll } from "./sweep.ts";

let runs: string;
beforeEach(async () => {
  runs = await mkdtemp(join(tmpdir(), "whitewater-runs-"));
});
afterEach(async () => {
  await sweepAll(runs);
  await rm(runs, { recursive: true, force: true });
});

const journalOf = (run: string): string => join(run, "journal.jsonl");
const linesOf = (run: string): readonly JournalLine[] => readJournal(journalOf(run));

/** Everything that the run put on file, the harness itself apart. */
const startedBy = (run: string) =>
  linesOf(run).flatMap((line) =>
    line.type === "helper" || (line.type === "spawned" && line.role !== "harness") ? [line.identity] : [],
  );
const directoriesOf = (run: string) =>
  linesOf(run).flatMap((line) => (line.type === "helper" && line.directory !== undefined ? [line.directory] : []));

/** A harness with a redis-server, a worker and a fault in force. */
async function doomed(name: string, ...words: readonly string[]): Promise<{ run: string; harness: ChildProcess }> {
  const run = join(runs, name);
  await mkdir(run);
  const file = join(import.meta.dirname, "..", "test", "doomed-process.ts");
  const harness = spawn(process.execPath, [file, run, ...words], { stdio: ["pipe", "pipe", "inherit"] });
  const said = once(harness.stdout, "data");
  const died = once(harness, "exit").then(() => expect.fail("it ended by itself"));
  died.catch(() => {}); // later it is meant to
  expect(String(await within(Promise.race([said, died]), 100_000, "the fault to be in force"))).toBe("in force\n");
  return { run, harness };
}

async function kill(harness: ChildProcess, name: NodeJS.Signals = "SIGKILL"): Promise<void> {
  const exited = once(harness, "exit");
  harness.kill(name);
  await exited;
}

const isOver = (run: string): boolean => linesOf(run).some((line) => line.type === "phase" && line.phase === "over");

test.each(["SIGKILL", "SIGTERM"] as const)("the guardian cleans up at once after %s", async (name) => {
  const { run, harness } = await doomed("watched", "watched");
  const started = startedBy(run);
  expect(started.map(isAlive)).toEqual([true, true, true]);
  expect(directoriesOf(run).map(existsSync)).toEqual([true]);
  await kill(harness, name);
  await eventually(() => isOver(run), { deadlineMs: 90_000, awaited: "the guardian to have swept" });
  expect(started.map(isAlive)).toEqual([false, false, false]);
  expect(directoriesOf(run).map(existsSync)).toEqual([false]);
  expect(await sweepAll(runs)).toEqual([]);
});

test("without a guardian, the next start cleans up, once", async () => {
  const { run, harness } = await doomed("alone", "unwatched");
  expect(await sweepAll(runs)).toEqual([]); // it is alive
  const started = startedBy(run);
  await kill(harness);
  expect(started.map(isAlive)).toEqual([true, true, true]);
  appendFileSync(journalOf(run), '{"at":1,"type":"bi'); // torn off by the crash
  const [swept, ...others] = await sweepAll(runs);
  expect(others).toEqual([]);
  expect(swept).toMatchObject({ directory: run, proxies: [], directories: directoriesOf(run), left: [] });
  expect(swept?.killed.map((text) => text.replace(/ \(\d+\)$/, "")).toSorted()).toEqual([
    "redis-server",
    "toxiproxy-server",
    "worker 0",
  ]);
  expect(started.map(isAlive)).toEqual([false, false, false]);
  expect(linesOf(run).slice(-3)).toMatchObject([
    { type: "healed", id: "cut-1" },
    { type: "stopped", why: "the harness ended before the run was over" },
    { type: "phase", phase: "over" },
  ]);
  const { length } = linesOf(run);
  expect(await sweepAll(runs)).toEqual([]);
  expect(await sweep(run)).toEqual({ directory: run, killed: [], proxies: [], directories: [], keys: 0, left: [] });
  expect(linesOf(run).length).toBe(length);
});

test("no fault stays armed in a Toxiproxy that is not the run's own", async () => {
  await using mine = await scratchRun();
  const { toxiproxy } = await mine.provide({ needsProxy: true, store: "memory" });
  const api = toxiproxy?.api ?? expect.fail("no Toxiproxy");
  const { harness } = await doomed("guest", "unwatched", `${api.host}:${api.port}`);
  await kill(harness);
  const held = async (): Promise<string> => (await fetch(`http://${api.host}:${api.port}/proxies`)).text();
  expect(await held()).toContain("worker-0-commands");
  const [swept] = await sweepAll(runs);
  expect(swept?.proxies).toEqual([expect.stringMatching(/^whitewater-.*-worker-0-commands$/)]);
  expect(JSON.parse(await held())).toEqual({});
});

test("what cannot be undone is told, and tried again the next time", async () => {
  const run = join(runs, "stuck");
  await mkdir(run);
  const journal = openJournal(journalOf(run), monotonic);
  const dead = { pid: 1, startedAt: "never" };
  journal.write({ type: "spawned", identity: dead, role: "harness", slot: 0, incarnation: 0 });
  journal.write({ type: "environment", handles: { proxy: { links: "torn" } } });
  for (let time = 0; time < 2; time++) {
    expect(await sweepAll(runs)).toMatchObject([{ directory: run, left: [expect.stringContaining("proxies:")] }]);
    expect(isOver(run)).toBe(false);
  }
});

test("a journal that cannot be read is told, and hinders no other", async () => {
  for (const [name, line] of [
    ["a-strange", '{"at":1,"type":"of another version"}'],
    [
      "b-stuck",
      '{"at":1,"type":"spawned","identity":{"pid":1,"startedAt":"never"},"role":"harness","slot":0,"incarnation":0}',
    ],
  ] as const) {
    await mkdir(join(runs, name));
    appendFileSync(journalOf(join(runs, name)), `${line}\n`);
  }
  expect(await sweepAll(runs)).toMatchObject([
    { directory: join(runs, "a-strange"), left: [expect.stringContaining("is not a journal's")] },
    { directory: join(runs, "b-stuck"), left: [] },
  ]);
});

test("touches neither a pid that was used again, nor a directory that is not ours", async () => {
  const run = join(runs, "strangers");
  const precious = join(runs, "precious");
  await mkdir(run);
  await mkdir(precious);
  const journal = openJournal(journalOf(run), monotonic);
  const self = identify(process.pid) ?? expect.fail("no identity");
  journal.write({
    type: "spawned",
    identity: { pid: 1, startedAt: "never" },
    role: "harness",
    slot: 0,
    incarnation: 0,
  });
  journal.write({
    type: "helper",
    identity: { ...self, startedAt: "before" },
    name: "redis-server",
    directory: precious,
  });
  expect(await sweepAll(runs)).toMatchObject([{ killed: [], directories: [] }]);
  expect(existsSync(precious)).toBe(true);
  expect(isAlive(self)).toBe(true);
});

test("a guardian that is dismissed is gone, and sweeps nothing", async () => {
  await using run = await scratchRun();
  const self = identify(process.pid) ?? expect.fail("no identity");
  run.journal.write({ type: "spawned", identity: self, role: "harness", slot: 0, incarnation: 0 });
  const before = run.lines().length;
  const guardian = startGuardian(run.directory);
  await guardian.dismiss();
  await guardian.dismiss();
  expect(run.lines().length).toBe(before);
  expect(signal(self, "SIGCONT")).toBe(true);
});
