/**
 * Jobs that must not start for a while: written once, counted, and started by the broker's clock, whatever is done to
 * it.
 */
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { deadlineMs, eventually } from "./testing/deadline.ts";
import { heldBy, jobsOf } from "./testing/jobs.ts";
import { redis } from "./testing/own-redis.ts";
import { startProxy } from "./testing/tcp-proxy.ts";
import { untyped } from "./testing/untyped.ts";
import { longLeaseMs, workHere } from "./testing/workers.ts";
import { nowMs } from "./std/clock.ts";
import { connect, jobType, type Engine, type Handler } from "./index.ts";
import { keysOf } from "./redis/keys.ts";

const hourMs = 3_600_000;
const type = jobType({ name: "job", leaseMs: longLeaseMs, attempts: 3, backoff: { baseMs: 700 } });

const engineOn = (namespace: string, { host, port }: { host: string; port: number } = redis): Engine =>
  connect({ redis: { host, port }, namespace, name: "test" });

/** By payload and attempt, when each run began. */
function timed(fails: (payload: string, attempt: number) => boolean = () => false): {
  readonly at: ReadonlyMap<string, number>;
  readonly handle: Handler<string>;
} {
  const at = new Map<string, number>();
  return {
    at,
    async handle({ payload, attempt }) {
      at.set(`${payload} ${attempt}`, nowMs());
      if (fails(payload, attempt)) throw new Error(`${payload} failed on ${attempt}`);
    },
  };
}

test("a delayed job starts when its time has come and not before, the others of its batch at once, and each remembers when it was enqueued", async () => {
  await using engine = engineOn("delayed");
  const { at, handle } = timed((payload) => payload === "dead");
  const few = jobType({ name: "job", leaseMs: longLeaseMs, attempts: 1 });
  await using worker = workHere(engine, few, handle);
  const sentAt = nowMs();
  const receipts = await engine.producer(few).enqueue([
    { payload: "later", delayMs: 1200 },
    { payload: "now", delayMs: 0 },
    { payload: "dead", delayMs: 600.5 },
  ]);
  expect(receipts.map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok"]);
  await eventually(() => worker.settlements.length === 3, { deadlineMs, awaited: "all jobs" });
  const waited = (job: string): number => (at.get(`${job} 1`) ?? 0) - sentAt;
  expect(waited("later")).toBeGreaterThanOrEqual(1199);
  expect(waited("dead")).toBeGreaterThanOrEqual(599);
  expect(worker.starts).toEqual(["now 1", "dead 1", "later 1"]);
  const [dead] = await heldBy(engine, few);
  if (dead === undefined || !("letter" in dead)) throw new Error("no dead letter");
  expect(dead.letter.failedAt - dead.letter.enqueuedAt).toBeGreaterThanOrEqual(600);
  await worker.stop();
});

test("depth counts what waits, what is in hand and what is delayed, and nothing that is over", async () => {
  await using engine = engineOn("depth");
  expect(await engine.depth(type)).toBe(0);
  const producer = engine.producer(type);
  await producer.enqueue(jobsOf(["a", "b", "c"]));
  await producer.enqueue(jobsOf(["later", "much later"], { delayMs: hourMs }));
  expect(await engine.depth(type)).toBe(5);
  const gate = Promise.withResolvers<void>();
  await using worker = workHere(engine, type, () => gate.promise);
  await eventually(() => worker.starts.length === 3, { deadlineMs, awaited: "all that waits to start" });
  expect(await engine.depth(type)).toBe(5);
  gate.resolve();
  await eventually(async () => (await engine.depth(type)) === 2, {
    deadlineMs,
    awaited: "only the delayed to be left",
  });
  await worker.stop();
});

test("a delayed batch whose reply is lost is written once", async () => {
  await using proxy = await startProxy(redis);
  await using engine = engineOn("lost-reply", proxy);
  const producer = engine.producer(type);
  await producer.enqueue([{ payload: "first" }]); // its producer id is known
  proxy.set("drop-replies");
  const enqueued = producer.enqueue(jobsOf(["a", "b"], { delayMs: hourMs }));
  await eventually(() => proxy.dropped > 0, { deadlineMs, awaited: "a reply to be lost" });
  proxy.set("pass");
  proxy.cut();
  expect((await enqueued).map(({ outcome }) => outcome)).toEqual(["ok", "ok"]);
  expect(await engine.depth(type)).toBe(3);
});

test("a delay that is none is the caller's error, and nothing is written", async () => {
  await using engine = engineOn("no-delay");
  const producer = engine.producer(type);
  for (const delayMs of [-1, Number.NaN, Infinity, untyped([1])])
    await expect(producer.enqueue([{ payload: "a" }, { payload: "b", delayMs }])).rejects.toThrow(RangeError);
  expect(await engine.depth(type)).toBe(0);
});

test("nothing is kept of the time when nothing is delayed any more", async () => {
  await using engine = engineOn("tidy");
  await using worker = workHere(engine, type);
  await engine.producer(type).enqueue([{ payload: "soon", delayMs: 50 }]);
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the job" });
  await worker.stop();
  const store = new Redis({ host: redis.host, port: redis.port });
  const { delayed, clock } = keysOf("tidy", "job");
  expect(await store.exists(delayed, clock)).toBe(0);
  store.disconnect();
});
