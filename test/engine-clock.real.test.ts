/** The engine on a broker whose wall clock is set an hour ahead, and an hour back. */
import { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import { connect, jobType, type Engine, type Handler } from "../engine/index.ts";
import { keysOf } from "../engine/redis/keys.ts";
import { nowMs } from "../engine/std/clock.ts";
import { deadlineMs, eventually } from "../engine/testing/deadline.ts";
import { heldBy } from "../engine/testing/jobs.ts";
import { longLeaseMs, workHere } from "../engine/testing/workers.ts";
import { clocksBend, startBentRedis } from "./bent-redis.ts";

const hourMs = 3_600_000;
const type = jobType({ name: "job", leaseMs: longLeaseMs, attempts: 3, backoff: { baseMs: 700 } });

const engineOn = (namespace: string, { host, port }: { readonly host: string; readonly port: number }): Engine =>
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

const wallMs = async (of: Redis): Promise<number> => {
  const [seconds = 0, micros = 0] = (await of.time()).map(Number);
  return seconds * 1000 + micros / 1000;
};

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

  test("a time that was told while it was an hour ahead does not wait an hour when it is set right", async () => {
    await using bent = await startBentRedis();
    await using engine = engineOn("at-ahead", bent);
    const its = new Redis({ host: bent.host, port: bent.port });
    await using worker = workHere(engine, type);
    bent.bend(hourMs);
    const sentAt = nowMs();
    await engine.producer(type).enqueue([{ payload: "later", at: (await wallMs(its)) + 1500 }]);
    bent.bend(0);
    await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the job" });
    expect(nowMs() - sentAt).toBeGreaterThanOrEqual(1499);
    await worker.stop();
    its.disconnect();
  });

  test("an hour more or less makes nobody forget", async () => {
    await using bent = await startBentRedis();
    await using engine = engineOn("bent-key", bent);
    const type = jobType({ name: "job", leaseMs: longLeaseMs, rememberMs: 20_000 });
    await using worker = workHere(engine, type);
    const producer = engine.producer(type);
    const [first] = await producer.enqueue([{ payload: "job", key: "key" }]);
    const its = new Redis({ host: bent.host, port: bent.port });
    for (const offsetMs of [hourMs, -hourMs]) {
      bent.bend(offsetMs);
      const now = await its.get(keysOf("bent-key", "job").ticks);
      await eventually(async () => (await its.get(keysOf("bent-key", "job").ticks)) !== now, {
        deadlineMs,
        awaited: "a tick",
      });
      const again = await producer.enqueue([{ payload: "job", key: "key" }]);
      expect(again).toEqual([{ ...first, duplicate: true }]);
    }
    its.disconnect();
    await worker.stop();
  });
});
