/** The fleet on a Redis of its own: whoever ends is followed, but where nobody may be, and no job is sent twice. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openJournal, readJournal } from "../history/journal-file.ts";
import { unwritableCode, type JournalLine } from "../history/journal.ts";
import type { Resource } from "../history/resource.ts";
import { attemptOf, kindNames, kindOf, slotU32 } from "../history/encode.ts";
import { fileSource, historyFile, readHistory, type FileState } from "../history/reader.ts";
import { killsItsWorker, recordBytes, type Kind } from "../history/record.ts";
import type { Load } from "../scenarios/contract.ts";
import { calendarNow, monotonic } from "../std/clock.ts";
import { eventually } from "../std/deadline.ts";
import { signal } from "../std/process-identity.ts";
import { redis } from "../engine/testing/own-redis.ts";
import { root } from "../rules/tree.ts";
import type { FleetRole } from "./messages.ts";
import { fleet, type Fleet } from "./supervisor.ts";
import { workScript } from "./load/work-script.ts";

const deadlineMs = 90_000;
const timeout = 300_000;
const never = new AbortController().signal;
const seed = 7;

const load = (changes: Partial<Load>): Load => ({
  curve: "steady",
  jobs: 10,
  seconds: 1,
  producers: 1,
  workers: 1,
  concurrency: 10,
  payloadBytes: 60,
  work: { durationMs: [0, 0], failing: 0, alwaysFailing: 0, killing: 0, delayed: { share: 0, upToMs: 0 } },
  retries: { attempts: 3, backoffMs: 50 },
  ...changes,
});

/** Of a record, what is looked at here. */
interface Told {
  readonly kind: Kind;
  readonly job: number;
  readonly attempt: number;
  readonly micros: number;
}

interface Ship extends AsyncDisposable {
  readonly crew: Fleet;
  lines(): readonly JournalLine[];
  records(incarnation: number): { readonly state: FileState; readonly all: readonly Told[] };
  start(roles: readonly FleetRole[]): Promise<void>;
}

function launch(name: string, work: Load): Ship {
  const directory = mkdtempSync(join(tmpdir(), "whitewater-fleet-"));
  const journal = openJournal(join(directory, "journal.jsonl"), monotonic);
  const crew = fleet(
    {
      history: (incarnation) => historyFile(directory, incarnation),
      log: (role, slot) => join(directory, `${role}-${slot}.log`),
      variables: (slot) => ({ WHITEWATER_TEST_SLOT: slot }),
      flaw: (why) => expect.fail(why),
      replaces: true,
    },
    journal,
  );
  const address = { host: redis.host, port: redis.port };
  return {
    crew,
    lines: () => readJournal(join(directory, "journal.jsonl")),
    records(incarnation) {
      const all: Told[] = [];
      const state = readHistory(fileSource(historyFile(directory, incarnation)), ({ u32 }, from, to) => {
        for (let slot = from; slot < to; slot++) {
          const word = slot * slotU32.perSlot;
          const head = u32[word + slotU32.head] ?? 0;
          const [job = 0, micros = 0] = [u32[word + slotU32.job], u32[word + slotU32.micros]];
          const kind = kindNames[kindOf(head)];
          if (kind !== undefined) all.push({ kind, job, attempt: attemptOf(head), micros });
        }
      });
      return { state, all };
    },
    async start(roles) {
      const post = {
        slot: 0,
        configuration: join(root, "index.ts"),
        directory: root,
        system: "stream",
        patienceMs: 60_000,
        settings: { leaseMs: 1000, sweepMs: 100 },
        links: { commands: address, blocking: address },
        namespace: name,
        load: work,
        seed,
        countsEveryMs: 250,
      };
      crew.stand("worker", { do: "work" });
      await Promise.all(roles.map((role) => crew.start({ ...post, role }, never)));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([crew.stop("producer", 0), crew.stop("worker", 0)]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Ends whoever is in the slot, and waits until that is known. */
async function end(ship: Ship, resource: Resource, how: NodeJS.Signals) {
  const holder = ship.crew.holder(resource);
  if (holder === undefined || !signal(holder.identity, how)) throw new Error(`nobody to end in ${resource}`);
  await eventually(
    () => ship.lines().some((line) => line.type === "exited" && line.identity.pid === holder.identity.pid),
    { deadlineMs, awaited: `the end of ${resource}` },
  );
  return holder;
}

const spawns = (ship: Ship, role: FleetRole): number =>
  ship.lines().filter((line) => line.type === "spawned" && line.role === role).length;

test("a slot is empty for as long as nobody may be in it, and filled at once then", { timeout }, async () => {
  await using ship = launch("kept-out", load({}));
  await ship.start(["producer", "worker"]);
  ship.crew.keepOut("link:worker:0"); // whoever is kept from a link is kept out of its slot
  const gone = await end(ship, "worker:0", "SIGKILL");
  // As long as another one takes to be there.
  const producer = await end(ship, "producer:0", "SIGKILL");
  await ship.crew.replacement("producer:0", producer, never);
  expect(spawns(ship, "worker")).toBe(1);
  expect(ship.crew.alive("worker")).toBe(0);
  await expect(ship.crew.clocks("worker:0", never)).rejects.toThrow("nobody is ready in worker:0");
  ship.crew.admit("worker:0");
  const next = await ship.crew.replacement("worker:0", gone, never);
  expect(next.incarnation).toBeGreaterThan(gone.incarnation);
  expect(spawns(ship, "worker")).toBe(2);
  ship.crew.admit("worker:0");
  expect(spawns(ship, "worker")).toBe(2);
});

test("a process tells its clocks, and has the variables of its slot", { timeout }, async () => {
  await using ship = launch("clocks", load({}));
  await ship.start(["worker"]);
  const before = { wallMs: calendarNow().getTime(), monotonicNs: monotonic.nowNs() };
  const told = await Promise.all([ship.crew.clocks("worker:0", never), ship.crew.clocks("worker:0", never)]);
  const holder = ship.crew.holder("worker:0");
  for (const { incarnation, wallMs, monotonicNs } of told) {
    expect(incarnation).toBe(holder?.incarnation);
    expect(wallMs).toBeGreaterThanOrEqual(before.wallMs);
    expect(wallMs).toBeLessThanOrEqual(calendarNow().getTime());
    expect(monotonicNs).toBeGreaterThan(before.monotonicNs);
    expect(monotonicNs).toBeLessThan(monotonic.nowNs());
  }
  expect(readFileSync(`/proc/${holder?.identity.pid}/environ`, "utf8").split("\0")).toContain(
    "WHITEWATER_TEST_SLOT=worker:0",
  );
  // One that does not run answers nothing, and is not waited for once nobody wants to know.
  if (holder !== undefined) signal(holder.identity, "SIGSTOP");
  const gaveUp = new AbortController();
  const asked = ship.crew.clocks("worker:0", gaveUp.signal);
  gaveUp.abort(new Error("never mind"));
  await expect(asked).rejects.toThrow("never mind");
});

test("SIGTERM ends a worker in order, and another follows", { timeout }, async () => {
  await using ship = launch("asked", load({}));
  await ship.start(["worker"]);
  const first = await end(ship, "worker:0", "SIGTERM");
  expect(ship.lines()).toContainEqual(expect.objectContaining({ type: "exited", code: 0, signal: null }));
  expect(ship.records(first.incarnation).state).toMatchObject({ closed: true, damage: undefined });
  await ship.crew.replacement("worker:0", first, never);
  expect(ship.crew.broken()).toBeUndefined();
});

test(
  "how long its file was when it ended is in the journal, and a file that cannot be written ends its process",
  { timeout },
  async () => {
    await using ship = launch("unwritable", load({}));
    await ship.start(["worker"]);
    const first = await end(ship, "worker:0", "SIGKILL");
    const { bytes } = ship.records(first.incarnation).state;
    expect(bytes).toBeGreaterThanOrEqual(recordBytes);
    expect(ship.lines()).toContainEqual(expect.objectContaining({ type: "exited", signal: "SIGKILL", bytes }));
    const second = await ship.crew.replacement("worker:0", first, never);
    // Its next tick finds no room.
    const limit = `--fsize=${recordBytes}:${recordBytes}`;
    execFileSync("prlimit", ["--pid", String(second.identity.pid), limit]);
    await ship.crew.replacement("worker:0", second, never);
    const full = ship.records(second.incarnation).state;
    expect(ship.lines()).toContainEqual(
      expect.objectContaining({ type: "exited", code: unwritableCode, signal: null, bytes: full.bytes }),
    );
    expect(full).toMatchObject({ closed: false, damage: undefined });
  },
);

test("a producer goes on where the record of its slot ends, however it ended", { timeout }, async () => {
  const work = load({ jobs: 3000, seconds: 6 });
  const delayed = { ...work, work: { ...work.work, delayed: { share: 0.2, upToMs: 200 } } };
  await using ship = launch("resumed", delayed);
  await ship.start(["producer"]);
  ship.crew.stand("producer", { do: "run", originNs: monotonic.nowNs() });
  for (const [sent, how] of [
    [400, "SIGKILL"],
    [1200, "SIGTERM"],
    [2000, "SIGKILL"],
  ] as const) {
    await eventually(() => ship.crew.counts().sent >= sent, { deadlineMs, awaited: `${sent} jobs to be sent` });
    const gone = await end(ship, "producer:0", how);
    await ship.crew.replacement("producer:0", gone, never);
  }
  await eventually(() => ship.crew.producersDone(), { deadlineMs, awaited: "the last life to send the rest" });
  await ship.crew.stop("producer", deadlineMs);
  expect(spawns(ship, "producer")).toBe(4);
  const records = [1, 2, 3, 4].flatMap((incarnation) => ship.records(incarnation).all);
  const sent = records.filter(({ kind }) => kind === "send").map(({ job }) => job);
  expect(sent).toEqual(Array.from({ length: work.jobs }, (_, n) => n));
  const { delayMs } = workScript(delayed, seed);
  expect(records.filter(({ kind }) => kind === "delayed").map(({ job, micros }) => [job, micros])).toEqual(
    sent.filter((n) => delayMs(n) > 0).map((n) => [n, delayMs(n) * 1000]),
  );
});

test("a job goes to the system with its priority, and the number of that is on file", { timeout }, async () => {
  const priorities = { high: { weight: 8, share: 0.3 }, low: { weight: 1, share: 0.7 } };
  const work = load({ jobs: 200, priorities });
  await using ship = launch("priorities", work);
  await ship.start(["producer", "worker"]);
  ship.crew.stand("producer", { do: "run", originNs: monotonic.nowNs() });
  await eventually(() => ship.crew.counts().settled === work.jobs, { deadlineMs, awaited: "all jobs to be done" });
  await ship.crew.stop("producer", deadlineMs);
  const { priority } = workScript(work, seed);
  const sent = [1, 2].flatMap((incarnation) => ship.records(incarnation).all).filter(({ kind }) => kind === "send");
  expect(sent.map(({ job, attempt }) => [job, attempt])).toEqual(
    Array.from({ length: work.jobs }, (_, n) => [n, priority(n) === "high" ? 1 : 2]),
  );
  expect(new Set(sent.map(({ attempt }) => attempt)).size).toBe(2);
});

test("one that was killed when it had nothing left to send is no reason to wait", { timeout }, async () => {
  await using ship = launch("done", load({}));
  await ship.start(["producer"]);
  ship.crew.stand("producer", { do: "run", originNs: monotonic.nowNs() });
  await eventually(() => ship.crew.producersDone(), { deadlineMs, awaited: "all jobs to be sent" });
  await end(ship, "producer:0", "SIGKILL");
  expect(ship.crew.producersDone()).toBe(true);
});

test("a job that ends its worker leaves its start on file, and the slot is filled again", { timeout }, async () => {
  const work = load({ jobs: 40, seconds: 1 });
  const poisoned = { ...work, work: { ...work.work, killing: 0.05 } };
  const { plannedFailures } = workScript(poisoned, seed);
  const killers = Array.from({ length: work.jobs }, (_, n) => n).filter((n) => plannedFailures(n) === killsItsWorker);
  expect(killers.length).toBeGreaterThan(0);
  await using ship = launch("poison", poisoned);
  await ship.start(["worker", "producer"]);
  const first = ship.crew.holder("worker:0");
  ship.crew.stand("producer", { do: "run", originNs: monotonic.nowNs() });
  if (first === undefined) throw new Error("no worker");
  await ship.crew.replacement("worker:0", first, never);
  expect(ship.lines()).toContainEqual(expect.objectContaining({ type: "exited", signal: "SIGKILL" }));
  const { all } = ship.records(first.incarnation);
  const did = (wanted: Kind): readonly number[] => all.filter(({ kind }) => kind === wanted).map(({ job }) => job);
  expect(did("start").some((job) => killers.includes(job))).toBe(true);
  expect(did("end").some((job) => killers.includes(job))).toBe(false);
  expect(ship.crew.broken()).toBeUndefined();
});
