/** What the engine does on a broker that is there: jobs in, out, again, and dead; and nothing left over. */
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { deadlineMs, eventually } from "./testing/deadline.ts";
import { heldBy, jobsOf } from "./testing/jobs.ts";
import { redis } from "./testing/own-redis.ts";
import { startRedis } from "./testing/redis.ts";
import { leaseMs, longLeaseMs, workHere } from "./testing/workers.ts";
import { nowMs } from "./std/clock.ts";
import { connect, jobType, json, type Engine } from "./index.ts";
import { keysOf } from "./redis/keys.ts";

const engineOn = (namespace: string): Engine =>
  connect({ redis: { host: redis.host, port: redis.port }, namespace, name: "test" });
const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `job ${n}\n"ü"`);

test("what is enqueued is worked once and settled once, and nothing is left but the empty stream and the records of its producers", async () => {
  await using engine = engineOn("once");
  const type = jobType({ name: "job", leaseMs });
  const payloads = numbered(3000);
  const receipts = await engine.producer(type).enqueue(jobsOf(payloads));
  expect(receipts.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
  expect(new Set(receipts.map((receipt) => receipt.outcome === "ok" && receipt.id)).size).toBe(payloads.length);
  expect((await heldBy(engine, type)).filter((found) => !("at" in found && found.at === "waiting"))).toEqual([]);

  await using worker = workHere(engine, type);
  await eventually(() => worker.settlements.length >= payloads.length, { deadlineMs, awaited: "all settlements" });
  await worker.stop();
  expect(worker.starts.toSorted()).toEqual(payloads.map((payload) => `${payload} 1`).toSorted());
  expect(worker.settlements.filter(({ as, fate }) => as !== "done" || fate !== "accepted")).toEqual([]);
  expect(worker.settlements.map(({ job }) => job.id).toSorted()).toEqual(
    receipts.map((receipt) => (receipt.outcome === "ok" ? receipt.id : "")).toSorted(),
  );

  expect(await heldBy(engine, type)).toEqual([]);
  const store = new Redis({ host: redis.host, port: redis.port });
  const { jobs, sequences } = keysOf("once", "job");
  expect((await store.keys("once:*")).toSorted()).toEqual([jobs, sequences]);
  expect(await store.xinfo("CONSUMERS", jobs, "workers")).toEqual([]);
  await engine[Symbol.asyncDispose]();
  expect(await store.keys("once:*")).toEqual([jobs]);
  store.disconnect();
});

test("a retry waits its backoff by the broker's clock, and what fails for good is in the dead-letter stream with its story", async () => {
  await using engine = engineOn("failing");
  const type = jobType({ name: "job", leaseMs, attempts: 3, backoff: { baseMs: 300 } });
  const store = new Redis({ host: redis.host, port: redis.port });
  await engine.producer(type).enqueue(jobsOf(["once", "always"]));
  const at = new Map<string, number>();
  await using worker = workHere(engine, type, async ({ payload, attempt }) => {
    at.set(`${payload} ${attempt}`, nowMs());
    if (payload === "always" || attempt === 1) throw new Error(`${payload} failed on ${attempt}`);
  });
  await eventually(() => worker.settlements.length === 5, { deadlineMs, awaited: "five settlements" });
  await worker.stop();
  expect(worker.starts.toSorted()).toEqual(["always 1", "always 2", "always 3", "once 1", "once 2"]);
  const waited = (job: string, attempt: number): number =>
    (at.get(`${job} ${attempt}`) ?? 0) - (at.get(`${job} ${attempt - 1}`) ?? 0);
  expect(waited("once", 2)).toBeGreaterThanOrEqual(299);
  expect(waited("always", 3)).toBeGreaterThanOrEqual(599);

  const [seconds] = await store.time();
  const held = await heldBy(engine, type);
  expect(held).toMatchObject([{ at: "dead", payload: "always" }]);
  const [dead] = held;
  if (dead === undefined || !("letter" in dead)) throw new Error("no dead letter");
  const { enqueuedAt, failedAt, worker: by, ...letter } = dead.letter;
  expect(letter).toEqual({
    origin: "job",
    attempts: 3,
    firstError: "always failed on 1",
    lastError: "always failed on 3",
    stack: expect.stringContaining("engine.real.test.ts"),
  });
  expect(failedAt - enqueuedAt).toBeGreaterThanOrEqual(900);
  expect(failedAt).toBeLessThan((Number(seconds) + 1) * 1000);
  expect(by).toMatch(/^test:/);
  store.disconnect();
});

test("a payload that its schema refuses is the caller's error, and one that went bad on the way is a failure of its job", async () => {
  await using engine = engineOn("typed");
  const schema = {
    "~standard": {
      validate: (value: unknown) =>
        typeof value === "number" ? { value } : { issues: [{ message: "a number is wanted" }] },
    },
  };
  const type = jobType({ name: "job", leaseMs, attempts: 1, payload: json<number>(schema) });
  const untyped = jobType({ name: "job" });
  const producer = engine.producer(type);
  await expect(producer.enqueue(jobsOf([Number("1"), JSON.parse('"2"')]))).rejects.toThrow("a number is wanted");
  await producer.enqueue([{ payload: 1 }]);
  await engine.producer(untyped).enqueue([{ payload: "no JSON" }]);
  const worked: number[] = [];
  const stop = new AbortController();
  const ended = engine.work(type, async ({ payload }) => void worked.push(payload), { stop: stop.signal });
  await eventually(async () => (await heldBy(engine, untyped)).length === 1 && worked.length === 1, {
    deadlineMs,
    awaited: "one job to be done and one to be dead",
  });
  stop.abort();
  await ended;
  expect(worked).toEqual([1]);
  expect(await heldBy(engine, untyped)).toMatchObject([{ at: "dead", payload: "no JSON", letter: { attempts: 1 } }]);
});

test("a worker that is asked to stop finishes what runs and hands the rest back, uncounted", async () => {
  await using engine = engineOn("stopping");
  const type = jobType({ name: "job", leaseMs: 60_000 });
  await engine.producer(type).enqueue(jobsOf(numbered(20)));
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  await using first = workHere(engine, type, () => gate, { concurrency: 3 });
  await eventually(() => first.starts.length === 3, { deadlineMs, awaited: "three jobs to start" });
  const stopped = first.stop();
  release();
  await stopped;
  expect(first.settlements.map(({ fate }) => fate)).toEqual(["accepted", "accepted", "accepted"]);

  // Its lease is long: only what was handed back can be done now.
  await using second = workHere(engine, type);
  await eventually(() => second.settlements.length === 17, { deadlineMs, awaited: "the other jobs" });
  await second.stop();
  expect(new Set([...first.starts, ...second.starts]).size).toBe(20);
  expect(await heldBy(engine, type)).toEqual([]);
});

test("a handler that outlives the grace is told to end, and its job is handed back", async () => {
  await using engine = engineOn("grace");
  const type = jobType({ name: "job", leaseMs: 60_000 });
  await engine.producer(type).enqueue([{ payload: "long" }]);
  let told = false;
  const handle = (_: unknown, signal: AbortSignal): Promise<void> => {
    signal.addEventListener("abort", () => {
      told = true;
    });
    return new Promise(() => {}); // it does not care
  };
  const first = workHere(engine, type, handle, { graceMs: 100 });
  await eventually(() => first.starts.length === 1, { deadlineMs, awaited: "the job to start" });
  await first.stop();
  expect(told).toBe(true);
  await using second = workHere(engine, type);
  await eventually(() => second.settlements.length === 1, { deadlineMs, awaited: "the job to be done by another" });
  await second.stop();
  expect(second.starts).toEqual(["long 1"]);
  expect(await heldBy(engine, type)).toEqual([]);
});

test("a handler that gives way to the end of the grace has not failed, and one that fails all the same has", async () => {
  await using engine = engineOn("gave-way");
  const type = jobType({ name: "job", leaseMs: 60_000, attempts: 1 });
  await engine.producer(type).enqueue(jobsOf(["gives way", "fails"]));
  const handle = ({ payload }: { payload: string }, signal: AbortSignal): Promise<void> =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(payload === "fails" ? new Error("failed") : signal.reason));
    });
  const first = workHere(engine, type, handle, { graceMs: 100 });
  await eventually(() => first.starts.length === 2, { deadlineMs, awaited: "both to start" });
  await first.stop();
  expect(first.settlements).toMatchObject([{ as: "dead", fate: "accepted", job: { text: "fails" } }]);
  await using second = workHere(engine, type);
  await eventually(() => second.settlements.length === 1, { deadlineMs, awaited: "the job to be done by another" });
  await second.stop();
  expect(second.starts).toEqual(["gives way 1"]);
});

test("an entry that its owner never heard of is found, however busy the owner is", async () => {
  await using engine = engineOn("unheard");
  const type = jobType({ name: "job", leaseMs: 60_000 });
  const store = new Redis({ host: redis.host, port: redis.port });
  const { jobs, workers } = keysOf("unheard", "job");
  const gate = Promise.withResolvers<void>();
  await using worker = workHere(engine, type, ({ payload }) =>
    payload === "unheard" ? Promise.resolve() : gate.promise,
  );
  await engine.producer(type).enqueue(jobsOf(numbered(50)));
  await eventually(() => worker.starts.length === 50, { deadlineMs, awaited: "it to be busy" });
  const [consumer = ""] = await store.hkeys(workers);
  // As by a read that was sent long ago: executed, and answered to nobody.
  const read = store.multi().xadd(jobs, "*", "m", "id@1", "p", "unheard");
  await read.xreadgroup("GROUP", "workers", consumer, "COUNT", 1, "STREAMS", jobs, ">").exec();
  gate.resolve();
  await eventually(() => worker.starts.includes("unheard 1"), { deadlineMs, awaited: "the entry to be found" });
  await worker.stop();
  expect(await heldBy(engine, type)).toEqual([]);
  store.disconnect();
});

test("a full broker refuses new jobs at once, lets the others be worked off, and new workers join", async () => {
  await using full = await startRedis(["--maxmemory", "6mb", "--maxmemory-policy", "noeviction"]);
  await using engine = connect({ redis: { host: full.host, port: full.port }, namespace: "full" });
  const type = jobType({ name: "job", leaseMs, attempts: 2, backoff: { baseMs: 50 } });
  const producer = engine.producer(type, { deadlineMs: 20_000 });
  let accepted = 0;
  await eventually(
    async () => {
      const receipts = await producer.enqueue(jobsOf(Array.from({ length: 50 }, () => "x".repeat(2000))));
      accepted += receipts.filter(({ outcome }) => outcome === "ok").length;
      const refused = receipts.find(({ outcome }) => outcome !== "ok");
      if (refused !== undefined)
        expect(refused).toMatchObject({ outcome: "refused", why: expect.stringContaining("OOM") });
      return refused !== undefined;
    },
    { deadlineMs, everyMs: 0, awaited: "the broker to be full" },
  );
  await using worker = workHere(engine, type, async ({ attempt }) => {
    if (attempt === 1) throw new Error("first");
  });
  await eventually(() => worker.settlements.filter(({ as }) => as === "done").length === accepted, {
    deadlineMs,
    awaited: "all that was accepted to be done",
  });
  await worker.stop();
  expect(await heldBy(engine, type)).toEqual([]);
});

test("as many handlers run at once as the job type says, or the worker", async () => {
  await using engine = engineOn("at-once");
  const paired = jobType({ name: "job", concurrency: 2, leaseMs: longLeaseMs });
  for (const [options, atOnce] of [
    [{}, 2],
    [{ concurrency: 3 }, 3],
  ] as const) {
    const gate = Promise.withResolvers<void>();
    await engine.producer(paired).enqueue(jobsOf(["a", "b", "c", "d", "e"]));
    await using worker = workHere(engine, paired, () => gate.promise, options);
    await eventually(() => worker.starts.length === atOnce, { deadlineMs, awaited: "its hands to be full" });
    gate.resolve();
    await eventually(() => worker.settlements.length === 5, { deadlineMs, awaited: "all to be done" });
    expect(worker.starts.length).toBe(5);
  }
});
