/** What an engine does when it is closed, and what is answered afterwards: at once, and nothing is sent any more. */
import { expect, test } from "vitest";
import { deadlineMs, eventually, within } from "./testing/deadline.ts";
import { heldBy, jobsOf } from "./testing/jobs.ts";
import { redis, store } from "./testing/own-redis.ts";
import { startRedis } from "./testing/redis.ts";
import { longLeaseMs } from "./testing/workers.ts";
import { nowMs, settledWithin } from "./std/clock.ts";
import { connect, jobType, type Engine } from "./index.ts";

const type = jobType({ name: "job", leaseMs: longLeaseMs });
const never = new AbortController().signal;
/** Far below every deadline and grace, far above what a busy machine takes for nothing. */
const atOnceMs = 5000;

const engineOn = (namespace: string, { host, port }: { host: string; port: number } = redis): Engine =>
  connect({ redis: { host, port }, namespace, name: "test" });
const refused = { outcome: "refused", reason: "closed", why: "this producer was closed: nothing was sent" };

test("an enqueue after the close is refused at once, of the engine or of its producer alone", async () => {
  await using other = engineOn("enqueue");
  const engine = engineOn("enqueue");
  const [producer, alone] = [engine.producer(type), engine.producer(type)];
  await alone[Symbol.asyncDispose]();
  expect(await within(alone.enqueue([{ payload: "a" }]), atOnceMs, "the answer")).toEqual([refused]);
  expect(await producer.enqueue([{ payload: "b" }])).toMatchObject([{ outcome: "ok" }]);
  const during = producer.enqueue([{ payload: "c" }]);
  await engine[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
  expect(await during).toMatchObject([{ outcome: "ok" }]); // it was made before
  expect(await within(producer.enqueue(jobsOf(["d", "e"])), atOnceMs, "the answer")).toEqual([refused, refused]);
  await expect(producer.enqueue([{ payload: "f", delayMs: -1 }])).rejects.toThrow(RangeError);
  const held = await heldBy(other, type);
  expect(held.flatMap((one) => ("at" in one ? [one.payload] : []))).toEqual(["b", "c"]);
});

test("where the broker is away as well, it is no different", async () => {
  await using broker = await startRedis();
  const engine = engineOn("away", broker);
  const producer = engine.producer(type);
  await producer.enqueue([{ payload: "a" }]);
  await broker.stop();
  await within(Promise.resolve(engine[Symbol.asyncDispose]()), 3 * atOnceMs, "the close");
  expect(await within(producer.enqueue([{ payload: "b" }]), atOnceMs, "the answer")).toEqual([refused]);
});

test("everything else is an error at once, and no connection is left or made", async () => {
  const engine = connect({ redis: { host: redis.host, port: redis.port }, namespace: "after", name: "after-close" });
  await engine.depth(type);
  const letters = engine.deadLetters(type);
  await engine[Symbol.asyncDispose]();
  const startedAt = nowMs();
  const closed = "this engine was closed: connect another one";
  await expect(engine.work(type, async () => {}, { stop: never })).rejects.toThrow(closed);
  await expect(engine.depth(type)).rejects.toThrow(closed);
  await expect(engine.counts(type)).rejects.toThrow(closed);
  await expect(engine.find(type, "id")).rejects.toThrow(closed);
  expect(() => engine.producer(type)).toThrow(closed);
  expect(() => engine.deadLetters(type)).toThrow(closed);
  expect(() => engine.keys(type)).toThrow(closed);
  await expect(letters.purge({})).rejects.toThrow("not connected");
  await expect(heldBy(engine, type)).rejects.toThrow(closed);
  expect(nowMs() - startedAt).toBeLessThan(atOnceMs);
  await eventually(async () => !String(await store.client("LIST")).includes("name=after-close"), {
    deadlineMs,
    awaited: "its connections to be gone",
  });
});

test("a worker ends in good order: what runs is finished and settled, what had not started is handed back", async () => {
  await using other = engineOn("work");
  const engine = engineOn("work");
  const gate = Promise.withResolvers<void>();
  const begun: string[] = [];
  const followUps = engine.producer(jobType({ name: "after", leaseMs: longLeaseMs }));
  const settled: string[] = [];
  const working = engine.work(
    type,
    async ({ payload }) => {
      begun.push(payload);
      await gate.promise;
      expect(await followUps.enqueue([{ payload: `after ${payload}` }])).toMatchObject([{ outcome: "ok" }]);
    },
    { stop: never, concurrency: 2, settled: ({ job, fate }) => settled.push(`${job.text} ${fate}`) },
  );
  await other.producer(type).enqueue(jobsOf(["a", "b", "c", "d"]));
  await eventually(() => begun.length === 2, { deadlineMs, awaited: "two to run" });
  const closing = Promise.resolve(engine[Symbol.asyncDispose]());
  await expect(engine.work(type, async () => {}, { stop: never })).rejects.toThrow("was closed");
  gate.resolve();
  await within(Promise.all([working, closing]), 2 * atOnceMs, "the worker and the engine to be gone");
  expect(settled.toSorted()).toEqual(["a accepted", "b accepted"]);
  expect(begun).toEqual(["a", "b"]);
  expect(await other.counts(type)).toMatchObject({ waiting: 2, active: 0 });
  expect(await other.depth(jobType({ name: "after" }))).toBe(2);
});

test("a grace of a month is a month: who is stopped waits for his handlers", async () => {
  await using engine = engineOn("grace");
  const stop = new AbortController();
  const gate = Promise.withResolvers<void>();
  let aborted = false;
  let begun = false;
  const settled: string[] = [];
  const working = engine.work(
    type,
    async (_, signal) => {
      begun = true;
      signal.addEventListener("abort", () => (aborted = true));
      await gate.promise;
    },
    { stop: stop.signal, graceMs: 30 * 86_400_000, settled: ({ as, fate }) => settled.push(`${as} ${fate}`) },
  );
  await engine.producer(type).enqueue([{ payload: "a" }]);
  await eventually(() => begun, { deadlineMs, awaited: "it to run" });
  stop.abort();
  // Longer than what a timer would take for it.
  expect(await settledWithin(working, 1500)).toBe(false);
  expect(aborted).toBe(false);
  gate.resolve();
  await within(working, deadlineMs, "the worker to end");
  expect(settled).toEqual(["done accepted"]);
});
