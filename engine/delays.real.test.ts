/**
 * Jobs that must not start for a while: written once, counted, and started by the broker's clock, whatever is done to
 * it.
 */
import { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import { eventually } from "../std/deadline.ts";
import { clocksBend, startBentRedis } from "../test/bent-redis.ts";
import { deadlineMs, heldBy, jobsOf, longLeaseMs, workHere } from "../test/engine.ts";
import { redis } from "../test/own-redis.ts";
import { startProxy } from "../test/tcp-proxy.ts";
import { untyped } from "../test/untyped.ts";
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

describe.runIf(clocksBend())("where the broker's clock is bent", () => {
  test("what was delayed while it was an hour ahead does not wait an hour when it is set right", async () => {
    await using bent = await startBentRedis();
    await using engine = engineOn("ahead", bent);
    const { at, handle } = timed((payload, attempt) => payload === "fails" && attempt === 1);
    await using worker = workHere(engine, type, handle);
    const producer = engine.producer(type);
    bent.bend(hourMs);
    const sentAt = nowMs();
    await producer.enqueue([{ payload: "later", delayMs: 1500 }]);
    await producer.enqueue([{ payload: "fails" }]);
    await eventually(() => at.has("fails 1"), { deadlineMs, awaited: "the first run" });
    await eventually(async () => (await heldBy(engine, type)).length === 2, { deadlineMs, awaited: "both to wait" });
    bent.bend(0);
    await producer.enqueue([{ payload: "after", delayMs: 1000 }]);
    const afterAt = nowMs();
    await eventually(() => worker.settlements.filter(({ as }) => as === "done").length === 3, {
      deadlineMs,
      awaited: "all three to be done",
    });
    const since = (run: string, from: number): number => (at.get(run) ?? 0) - from;
    expect(since("later 1", sentAt)).toBeGreaterThanOrEqual(1499);
    expect(since("fails 2", at.get("fails 1") ?? 0)).toBeGreaterThanOrEqual(699);
    expect(since("after 1", afterAt)).toBeGreaterThanOrEqual(900);
    await worker.stop();
  });

  test("a step back by an hour makes no delay shorter, none longer by as much, and no worker look dead", async () => {
    await using bent = await startBentRedis();
    await using engine = engineOn("back", bent);
    const { at, handle } = timed();
    await using worker = workHere(engine, type, handle);
    const producer = engine.producer(type);
    const sentAt = nowMs();
    await producer.enqueue([{ payload: "before", delayMs: 2000 }]);
    bent.bend(-hourMs);
    await producer.enqueue([{ payload: "now" }]);
    await producer.enqueue([{ payload: "after", delayMs: 1000 }]);
    const afterAt = nowMs();
    await eventually(() => worker.settlements.length === 3, { deadlineMs, awaited: "all three" });
    expect((at.get("before 1") ?? 0) - sentAt).toBeGreaterThanOrEqual(1999);
    expect((at.get("after 1") ?? 0) - afterAt).toBeGreaterThanOrEqual(900);
    bent.bend(hourMs);
    await producer.enqueue([{ payload: "ahead" }]);
    await eventually(() => worker.settlements.length === 4, { deadlineMs, awaited: "a job in another hour" });
    expect(worker.starts.toSorted()).toEqual(["after 1", "ahead 1", "before 1", "now 1"]);
    await worker.stop();
    expect(await heldBy(engine, type)).toEqual([]);
  });

  test("a dead letter never failed before it was enqueued", async () => {
    await using bent = await startBentRedis();
    await using engine = engineOn("letter", bent);
    const once = jobType({ name: "job", leaseMs: longLeaseMs, attempts: 1 });
    bent.bend(hourMs);
    await engine.producer(once).enqueue([{ payload: "doomed" }]);
    bent.bend(0);
    await engine.producer(once).enqueue([{ payload: "doomed too" }]);
    await using worker = workHere(engine, once, async () => Promise.reject(new Error("failed")));
    await eventually(() => worker.settlements.length === 2, { deadlineMs, awaited: "both to be dead" });
    await worker.stop();
    const letters = (await heldBy(engine, once)).flatMap((found) => ("letter" in found ? [found.letter] : []));
    for (const { enqueuedAt, failedAt } of letters) expect(failedAt).toBeGreaterThanOrEqual(enqueuedAt);
    // The second was enqueued when the clock was right: the stream's ids are still an hour ahead.
    const [first = 0, second = 0] = letters.map(({ enqueuedAt }) => enqueuedAt);
    expect(first - second).toBeGreaterThan(hourMs / 2);
  });
});
