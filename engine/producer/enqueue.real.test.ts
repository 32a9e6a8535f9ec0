/**
 * What an enqueue promises beside being written once: not before its time, once under its key, and not above the depth.
 */
import type { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import { deadlineMs, eventually } from "../testing/deadline.ts";
import { heldBy, jobsOf } from "../testing/jobs.ts";
import { redis, store } from "../testing/own-redis.ts";
import { startProxy } from "../testing/tcp-proxy.ts";
import { longLeaseMs, workHere } from "../testing/workers.ts";
import { nowMs } from "../std/clock.ts";
import { connect, jobType, type Engine, type Receipt } from "../index.ts";
import { keysOf } from "../redis/keys.ts";

const hourMs = 3_600_000;
const type = jobType({ name: "job", leaseMs: longLeaseMs });
const shallow = jobType({ name: "job", leaseMs: longLeaseMs, maxDepth: 3, backoff: { baseMs: 0 } });
const forgetful = jobType({ name: "job", leaseMs: longLeaseMs, rememberMs: 1000 });

const engineOn = (namespace: string, { host, port }: { host: string; port: number } = redis): Engine =>
  connect({ redis: { host, port }, namespace, name: "test" });
const wallMs = async (of: Redis): Promise<number> => {
  const [seconds = 0, micros = 0] = (await of.time()).map(Number);
  return seconds * 1000 + micros / 1000;
};
/** One word for each. */
const told = (receipts: readonly Receipt[]): readonly string[] =>
  receipts.map((receipt) =>
    receipt.outcome === "refused" ? receipt.reason : "duplicate" in receipt ? "duplicate" : receipt.outcome,
  );
const idsOf = (receipts: readonly Receipt[]): readonly string[] =>
  receipts.map((receipt) => (receipt.outcome === "ok" ? receipt.id : ""));
const payloadsOf = async (engine: Engine): Promise<readonly string[]> =>
  (await heldBy(engine, type)).map((found) => ("payload" in found ? found.payload : ""));

describe("at a time", () => {
  test("a job does not start before its time by the broker's clock, and one whose time is over starts at once", async () => {
    await using engine = engineOn("at");
    const startedAt = new Map<string, number>();
    await using worker = workHere(
      engine,
      type,
      async ({ payload }) => void startedAt.set(payload, await wallMs(store)),
    );
    const now = await wallMs(store);
    const receipts = await engine.producer(type).enqueue([
      { payload: "later", at: now + 1500 },
      { payload: "past", at: now - hourMs },
      { payload: "long past", at: 0 },
      { payload: "soon", at: now + 600.5 },
    ]);
    expect(told(receipts)).toEqual(["ok", "ok", "ok", "ok"]);
    await eventually(() => worker.settlements.length === 4, { deadlineMs, awaited: "all jobs" });
    await worker.stop();
    expect(startedAt.get("soon")).toBeGreaterThanOrEqual(now + 600);
    expect(startedAt.get("later")).toBeGreaterThanOrEqual(now + 1500);
  });

  test("what is neither a time nor a delay nor a key is the caller's error, and nothing is written", async () => {
    await using engine = engineOn("errors");
    const producer = engine.producer(type);
    for (const wrong of [
      { at: Number.NaN },
      { at: -1 },
      { at: Infinity },
      { at: 1, delayMs: 1 },
      { key: "" },
      { key: "x".repeat(501) },
    ])
      await expect(
        producer.enqueue([{ payload: "a" }, { payload: "b", ...wrong }]),
        JSON.stringify(wrong),
      ).rejects.toThrow(RangeError);
    expect(await engine.depth(type)).toBe(0);
  });
});

describe("under a key", () => {
  test("a second job is not written and gets the id of the first, whoever enqueues it and whatever became of the first", async () => {
    await using engine = engineOn("key");
    const first = await engine.producer(type).enqueue([
      { payload: "a", key: "1" },
      { payload: "b", key: "2 with\nline" },
      { payload: "a again", key: "1" },
      { payload: "none", key: undefined },
    ]);
    expect(told(first)).toEqual(["ok", "ok", "duplicate", "ok"]);
    expect(idsOf(first)[2]).toBe(idsOf(first)[0]);
    await using worker = workHere(engine, type);
    await eventually(() => worker.settlements.length === 3, { deadlineMs, awaited: "all jobs" });
    await worker.stop();
    await using other = engineOn("key");
    const second = await other.producer(type).enqueue([
      { payload: "other", key: "1", delayMs: 5 },
      { payload: "b", key: "2 with\nline", delayMs: 5 },
      { payload: "none", delayMs: 5 },
    ]);
    expect(told(second)).toEqual(["duplicate", "duplicate", "ok"]);
    expect(idsOf(second).slice(0, 2)).toEqual(idsOf(first).slice(0, 2));
    expect(await payloadsOf(engine)).toEqual(["none"]);
  });

  test("many producers with the same keys at once write one job for each, and all hear the same id", async () => {
    await using engines = new AsyncDisposableStack();
    const keys = Array.from({ length: 600 }, (_, n) => `key ${n}`);
    const orders = [keys, keys.toReversed(), [...keys.slice(300), ...keys.slice(0, 300)]];
    const all = await Promise.all(
      orders.map(async (order) => {
        const producer = engines.use(engineOn("race")).producer(type);
        const receipts = await producer.enqueue(jobsOf(order, (key) => ({ key })));
        return order.map((key, n) => [key, idsOf(receipts)[n], told(receipts)[n]] as const);
      }),
    );
    const ids = Map.groupBy(all.flat(), ([key]) => key);
    expect(ids.size).toBe(keys.length);
    for (const [key, three] of ids) {
      expect(new Set(three.map(([, id]) => id)).size, key).toBe(1);
      expect(three.map(([, , word]) => word ?? "").toSorted(), key).toEqual(["duplicate", "duplicate", "ok"]);
    }
    await using engine = engineOn("race");
    expect((await payloadsOf(engine)).toSorted()).toEqual(keys.toSorted());
  });

  test("it is remembered for as long as was declared, and not for ever", async () => {
    await using engine = engineOn("forgotten");
    const { known, knownBefore } = keysOf("forgotten", "job");
    const producer = engine.producer(forgetful);
    await using worker = workHere(engine, forgetful);
    let wrote: number | undefined;
    let ids: readonly string[] = [];
    for (let round = 0; round < 3; round++) {
      await eventually(
        async () => {
          const receipts = await producer.enqueue([{ payload: "job", key: "key" }]);
          if (told(receipts)[0] === "duplicate") {
            expect(idsOf(receipts)).toEqual(ids);
            return false;
          }
          ids = idsOf(receipts);
          return true;
        },
        { deadlineMs, everyMs: 30, awaited: "the key to be forgotten" },
      );
      if (wrote !== undefined) expect(nowMs() - wrote).toBeGreaterThanOrEqual(1000);
      wrote = nowMs();
    }
    await eventually(async () => (await store.exists(known, knownBefore)) === 0, {
      deadlineMs,
      awaited: "nothing to be remembered",
    });
    await worker.stop();
    expect(await heldBy(engine, forgetful)).toEqual([]);
  });
});

describe("above the depth", () => {
  test("what is too much is refused and says so, in order; what is in hand or delayed counts, and what is done does not", async () => {
    await using engine = engineOn("depth");
    const producer = engine.producer(shallow);
    expect(told(await producer.enqueue([{ payload: "later", delayMs: hourMs }]))).toEqual(["ok"]);
    const receipts = await producer.enqueue([
      { payload: "a" },
      { payload: "b", key: "b" },
      { payload: "c", key: "c" },
      { payload: "d", key: "b" },
    ]);
    expect(told(receipts)).toEqual(["ok", "ok", "full", "duplicate"]);
    expect(receipts[2]).toMatchObject({ why: expect.stringContaining("maxDepth") });
    expect(await engine.depth(shallow)).toBe(3);
    const gate = Promise.withResolvers<void>();
    await using worker = workHere(engine, shallow, () => gate.promise);
    await eventually(() => worker.starts.length === 2, { deadlineMs, awaited: "what waits to start" });
    expect(told(await producer.enqueue([{ payload: "c", key: "c" }]))).toEqual(["full"]);
    gate.resolve();
    await eventually(() => worker.settlements.length === 2, { deadlineMs, awaited: "both to be done" });
    // The key of what was refused was never known.
    expect(told(await producer.enqueue([{ payload: "c", key: "c" }]))).toEqual(["ok"]);
    await worker.stop();
  });

  test("a retry is not refused", async () => {
    await using engine = engineOn("depth-retry");
    const producer = engine.producer(shallow);
    const gate = Promise.withResolvers<void>();
    await using worker = workHere(engine, shallow, async ({ attempt }) => {
      await gate.promise;
      if (attempt === 1) throw new Error("the first attempt fails");
    });
    expect(told(await producer.enqueue(jobsOf(["a", "b", "c"])))).toEqual(["ok", "ok", "ok"]);
    await eventually(() => worker.starts.length === 3, { deadlineMs, awaited: "all to start" });
    expect(told(await producer.enqueue([{ payload: "d" }]))).toEqual(["full"]);
    gate.resolve();
    await eventually(() => worker.settlements.filter(({ as }) => as === "done").length === 3, {
      deadlineMs,
      awaited: "all three to be done",
    });
    await worker.stop();
    expect(await heldBy(engine, shallow)).toEqual([]);
  });

  test("a batch that is sent again hears what it was told the first time, though there is room by now", async () => {
    await using proxy = await startProxy(redis);
    await using engine = engineOn("depth-lost", proxy);
    await using near = engineOn("depth-lost");
    const producer = engine.producer(shallow);
    expect(told(await producer.enqueue([{ payload: "first", key: "k" }]))).toEqual(["ok"]); // its producer id is known
    proxy.set("drop-replies");
    const enqueued = producer.enqueue([
      { payload: "a" },
      { payload: "first again", key: "k" },
      { payload: "b" },
      { payload: "c", key: "c" },
      { payload: "d", key: "d" },
    ]);
    await eventually(() => proxy.dropped > 0, { deadlineMs, awaited: "a reply to be lost" });
    await using worker = workHere(near, shallow);
    await eventually(() => worker.settlements.length === 3, { deadlineMs, awaited: "there to be room" });
    await store.del(keysOf("depth-lost", "job").known);
    proxy.set("pass");
    proxy.cut();
    expect(told(await enqueued)).toEqual(["ok", "duplicate", "ok", "full", "full"]);
    expect(told(await producer.enqueue([{ payload: "e" }]))).toEqual(["ok"]);
    await eventually(() => worker.settlements.length === 4, { deadlineMs, awaited: "the one after that" });
    await worker.stop();
    expect(worker.starts.toSorted()).toEqual(["a 1", "b 1", "e 1", "first 1"]);
    expect(await heldBy(near, shallow)).toEqual([]);
  });
});
