/** A harness that is killed leaves nothing behind: with its guardian at once, without it when the next one starts. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, symlinkSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { openJournal, readJournal } from "../history/journal-file.ts";
import type { JournalLine } from "../history/journal.ts";
import { monotonic } from "../std/clock.ts";
import { eventually, within } from "../std/deadline.ts";
import { identify, isAlive, signal, type ProcessIdentity } from "../std/process-identity.ts";
import { deadHarness } from "./testing/dead-harness.ts";
import { scratchRun } from "./environment/testing/scratch-run.ts";
import { whitewater } from "../cli/testing/whitewater.ts";
import { startGuardian } from "./guardian.ts";
import { harnessLine } from "../history/harness-line.ts";
import { marked, markVariable, ownMark } from "../std/mark.ts";
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
  const file = join(import.meta.dirname, "testing", "doomed-process.ts");
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
  journal.write(deadHarness());
  journal.write({ type: "environment", handles: { proxy: { links: "torn" } } });
  for (let time = 0; time < 2; time++) {
    expect(await sweepAll(runs)).toMatchObject([{ directory: run, left: [expect.stringContaining("proxies:")] }]);
    expect(isOver(run)).toBe(false);
  }
});

test("a journal that cannot be read is told, and hinders no other", async () => {
  const earlier = {
    type: "spawned",
    identity: { pid: 1, startedAt: "never" },
    role: "harness",
    slot: 0,
    incarnation: 0,
  };
  for (const [name, line] of [
    ["a-strange", { type: "of another version" }],
    ["b-earlier", earlier],
    ["c-stuck", deadHarness()],
  ] as const) {
    await mkdir(join(runs, name));
    appendFileSync(journalOf(join(runs, name)), `${JSON.stringify({ at: 1, ...line })}\n`);
  }
  for (const name of ["d-link", "e-fifo"]) await mkdir(join(runs, name));
  symlinkSync(journalOf(join(runs, "c-stuck")), journalOf(join(runs, "d-link")));
  execFileSync("mkfifo", [journalOf(join(runs, "e-fifo"))]);
  expect(await sweepAll(runs)).toMatchObject([
    { directory: join(runs, "a-strange"), left: [expect.stringContaining("is not a journal's")] },
    { directory: join(runs, "b-earlier"), left: [expect.stringContaining("no mark stands in its journal")] },
    { directory: join(runs, "c-stuck"), left: [] },
    { directory: join(runs, "d-link"), left: [expect.stringContaining("is not a plain file")] },
    { directory: join(runs, "e-fifo"), left: [expect.stringContaining("is not a plain file")] },
  ]);
});

test("touches neither a pid that was used again, nor a directory that is not ours", async () => {
  const run = join(runs, "strangers");
  const precious = join(runs, "precious");
  await mkdir(run);
  await mkdir(precious);
  const journal = openJournal(journalOf(run), monotonic);
  const self = identify(process.pid) ?? expect.fail("no identity");
  journal.write(deadHarness());
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

/** Somebody else's process, which has nothing to do with any run. */
function foreign(variables: Readonly<Record<string, string>> = {}): ProcessIdentity {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
    stdio: "ignore",
    env: { ...process.env, ...variables },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return identify(child.pid ?? -1) ?? expect.fail("no identity");
}

test("believes no journal: what does not carry the mark of a harness that is gone is left alone, and told", async () => {
  const harness = deadHarness();
  const run = join(runs, "forged");
  await mkdir(run);
  const journal = openJournal(journalOf(run), monotonic);
  journal.write(harness);
  // The last two carry marks: one that is none, and that of a harness that is alive.
  const others = [foreign(), foreign({ [markVariable]: "1" }), foreign(marked())];
  for (const [slot, identity] of others.entries())
    journal.write({ type: "spawned", identity, role: "worker", slot, incarnation: slot + 1 });
  const directories = ["precious", "whitewater-redis-precious", `whitewater-redis-${ownMark()}-1`, "linked"];
  for (const name of directories.slice(0, -1)) await mkdir(join(runs, name));
  const orphaned = `whitewater-redis-${harness.mark}-1`;
  symlinkSync(join(runs, "precious"), join(runs, orphaned));
  for (const name of [...directories.slice(0, -1), orphaned])
    journal.write({
      type: "helper",
      identity: { pid: 1, startedAt: "never" },
      name: "redis-server",
      directory: join(runs, name),
    });
  journal.write({ type: "containers", label: "everything" });
  const [swept] = await sweepAll(runs);
  expect(swept).toMatchObject({ killed: [], directories: [], keys: 0, proxies: [] });
  expect(swept?.left).toHaveLength(3 + 4 + 1);
  expect(others.map(isAlive)).toEqual([true, true, true]);
  expect([...directories.slice(0, -1), orphaned].map((name) => existsSync(join(runs, name)))).not.toContain(false);
  expect(isOver(run)).toBe(false);
});

test("a run directory that was removed hinders nobody from cleaning up: not the guardian, and not the doctor", async () => {
  const watched = await doomed("watched", "watched");
  const guarded = { started: startedBy(watched.run), directories: directoriesOf(watched.run) };
  await rm(watched.run, { recursive: true });
  await kill(watched.harness);
  await eventually(() => !guarded.started.some(isAlive) && !guarded.directories.some(existsSync), {
    deadlineMs: 90_000,
    awaited: "the guardian to have swept",
  });
  expect(existsSync(watched.run)).toBe(false);

  const alone = await doomed("alone", "unwatched");
  const left = { started: startedBy(alone.run), directories: directoriesOf(alone.run) };
  await rm(alone.run, { recursive: true });
  expect(left.started.map(isAlive)).toEqual([true, true, true]);
  await kill(alone.harness);
  expect(await sweepAll(runs)).toEqual([]);
  const { output } = await whitewater(["doctor", "--runs", runs]).ended;
  expect(output).toContain("A run was cut off whose directory is gone");
  for (const { pid } of left.started) expect(output).toContain(`(${pid})`);
  expect(left.started.map(isAlive)).toEqual([false, false, false]);
  expect(left.directories.map(existsSync)).toEqual([false]);
});

test("a guardian that is dismissed is gone, and sweeps nothing", async () => {
  await using run = await scratchRun();
  const self = identify(process.pid) ?? expect.fail("no identity");
  run.journal.write(harnessLine());
  const before = run.lines().length;
  const guardian = startGuardian(run.directory);
  await guardian.dismiss();
  await guardian.dismiss();
  expect(run.lines().length).toBe(before);
  expect(signal(self, "SIGCONT")).toBe(true);
});
