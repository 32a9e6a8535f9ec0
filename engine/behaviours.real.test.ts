/**
 * What other queues are known to do when connections, workers and broker come and go, and must not happen here:
 * docs/behaviours.md.
 */
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { deadlineMs, eventually, pause } from "./testing/deadline.ts";
import { heldBy, jobsOf, lettersOf } from "./testing/jobs.ts";
import { redis, store } from "./testing/own-redis.ts";
import { startRedis } from "./testing/redis.ts";
import { startProxy } from "./testing/tcp-proxy.ts";
import { leaseMs, longLeaseMs, workElsewhere, workHere } from "./testing/workers.ts";
import { delayedMember } from "./redis/entry.ts";
import { connect, jobType, type Engine } from "./index.ts";
import { group, keysOf } from "./redis/keys.ts";

const type = jobType({ name: "job", leaseMs: longLeaseMs });
const once = jobType({ name: "job", leaseMs: longLeaseMs, attempts: 1 });
const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `job-${n}`);
const firstOf = (payloads: readonly string[]): readonly string[] =>
  payloads.map((payload) => `${payload} 1`).toSorted();
const engineOn = (namespace: string, { host, port }: { host: string; port: number } = redis): Engine =>
  connect({ redis: { host, port }, namespace, name: "test" });

test("a read that is never answered ends by itself: what becomes due is run, though nobody enqueues anything more", async () => {
  await using proxy = await startProxy(redis);
  const address = { host: redis.host, port: redis.port };
  await using engine = connect({ redis: address, blocking: proxy, namespace: "unanswered" });
  await using worker = workHere(engine, type);
  const producer = engine.producer(type);
  await producer.enqueue([{ payload: "first" }]);
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the first job" });
  await producer.enqueue([{ payload: "due", delayMs: 3000 }]);
  proxy.set("drop-replies");
  await eventually(() => proxy.dropped > 0, { deadlineMs, awaited: "the answer to a read to be lost" });
  proxy.set("pass"); // all is well again, but for the one who waits for that answer
  await eventually(() => worker.settlements.length === 2, { deadlineMs, awaited: "the job that became due" });
  await worker.stop();
  expect(worker.starts).toEqual(["first 1", "due 1"]);
});

test("twenty workers that were started before their broker all come to work when it is there", async () => {
  await using late = await startRedis();
  await late.stop();
  await using fleet = new AsyncDisposableStack();
  const all = Promise.withResolvers<void>();
  const workers = numbered(20).map(() =>
    fleet.use(workHere(fleet.use(engineOn("late", late)), type, () => all.promise, { concurrency: 1 })),
  );
  await pause(15_000); // longer than a client tries by default
  await late.start();
  await using engine = engineOn("late", late);
  await engine.producer(type, { deadlineMs }).enqueue(jobsOf(numbered(200)));
  await eventually(() => workers.every(({ starts }) => starts.length > 0), {
    deadlineMs,
    awaited: "each of them to have a job",
  });
  all.resolve();
  await eventually(async () => (await engine.depth(type)) === 0, { deadlineMs, awaited: "all jobs to be done" });
  expect(workers.flatMap(({ starts }) => starts).toSorted()).toEqual(firstOf(numbered(200)));
});

test("connections that the broker closes again and again cost no job, and make none run twice", async () => {
  await using broker = await startRedis();
  const operator = new Redis({ host: broker.host, port: broker.port });
  await using engine = engineOn("closed", broker);
  await using worker = workHere(engine, type);
  const producer = engine.producer(type, { deadlineMs });
  const payloads = numbered(300);
  let closed = 0;
  for (let sent = 0; sent < payloads.length; sent += 20) {
    const enqueued = producer.enqueue(jobsOf(payloads.slice(sent, sent + 20)));
    closed += Number(await operator.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"));
    expect((await enqueued).map(({ outcome }) => outcome)).toEqual(Array.from({ length: 20 }, () => "ok"));
  }
  expect(closed).toBeGreaterThan(20);
  await eventually(() => worker.settlements.length >= 300, { deadlineMs, awaited: "all jobs" });
  await worker.stop();
  expect(worker.starts.toSorted()).toEqual(firstOf(payloads));
  expect(worker.settlements.filter(({ as, fate }) => as !== "done" || fate !== "accepted")).toEqual([]);
  expect(await heldBy(engine, type)).toEqual([]);
  operator.disconnect();
});

test("a worker that dies in a job's last attempt uses up none: it is made again, and may succeed", async () => {
  const namespace = "last";
  await using engine = engineOn(namespace);
  const twice = jobType({ name: "job", leaseMs: longLeaseMs, attempts: 2 });
  const { jobs } = keysOf(namespace, "job");
  const [meta = "", payload = ""] = delayedMember(
    { id: "1-1-0", failures: 1, enqueuedAt: 1, errors: ["the first"] },
    "last",
  ).split("\n");
  await store.xadd(jobs, "*", "m", meta, "p", payload);
  await store.xgroup("CREATE", jobs, group, "0");
  await store.xreadgroup("GROUP", group, "ghost", "STREAMS", jobs, ">");
  await using worker = workHere(engine, twice);
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the job of the dead" });
  await worker.stop();
  expect(worker.starts).toEqual(["last 2"]);
  expect(worker.settlements).toMatchObject([{ as: "done", fate: "accepted" }]);
  expect(await heldBy(engine, twice)).toEqual([]);
});

test("however a process is told to end, what it held is run again elsewhere, under the same attempt", async () => {
  const namespace = "signals";
  const mortal = jobType({ name: "job", leaseMs });
  const signals = ["SIGKILL", "SIGTERM", "SIGINT", "SIGQUIT"] as const;
  await using engine = engineOn(namespace);
  await using fleet = new AsyncDisposableStack();
  const doomed = signals.map((signal) => ({
    signal,
    process: fleet.use(workElsewhere(redis.port, namespace, "never", 1)),
  }));
  await engine.producer(mortal).enqueue(jobsOf(numbered(40)));
  await eventually(() => doomed.every(({ process }) => process.lines().length > 0), {
    deadlineMs,
    awaited: "each of them to have a job",
  });
  for (const { signal, process } of doomed) process.signal(signal);
  await eventually(() => doomed.every(({ process }) => process.isGone()), { deadlineMs, awaited: "all to be gone" });
  await using worker = workHere(engine, mortal);
  await eventually(() => worker.settlements.length >= 40, { deadlineMs, awaited: "all jobs" });
  await worker.stop();
  expect(worker.starts.toSorted()).toEqual(firstOf(numbered(40)));
  expect(await heldBy(engine, mortal)).toEqual([]);
});

test("more than ten thousand dead letters stay, one for each job, where nobody said how many may", async () => {
  const count = 10_500;
  await using engine = engineOn("letters");
  const receipts = await engine.producer(once).enqueue(jobsOf(numbered(count)));
  await using worker = workHere(engine, once, async () => Promise.reject(new Error("failed")));
  await eventually(() => worker.settlements.length === count, { deadlineMs, awaited: "all to be dead" });
  await worker.stop();
  const letters = await lettersOf(engine, once);
  expect(letters.length).toBe(count);
  expect(letters.map(({ job }) => job).toSorted()).toEqual(
    receipts.map((receipt) => (receipt.outcome === "ok" ? receipt.id : "")).toSorted(),
  );
});

test("one worker with one handler starts jobs in the order in which they were enqueued one after the other, and half a megabyte arrives as it was sent", async () => {
  await using engine = engineOn("order");
  const roomy = jobType({ name: "job", leaseMs: longLeaseMs, payloadBytesMax: 2 ** 20 });
  const producer = engine.producer(roomy);
  const large = Array.from({ length: 60_000 }, (_, n) => `${n}\n"ü"`).join("\0");
  expect(large.length).toBeGreaterThan(500_000);
  const payloads = [...numbered(100), large, "last"];
  for (const payload of payloads) await producer.enqueue([{ payload: payload }]);
  await using worker = workHere(engine, roomy, undefined, { concurrency: 1 });
  await eventually(() => worker.settlements.length === payloads.length, { deadlineMs, awaited: "all jobs" });
  await worker.stop();
  expect(worker.starts).toEqual(payloads.map((payload) => `${payload} 1`));
});
