/** What becomes of dead letters that may not stay: the oldest go, none too early, and each is counted. */
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { deadlineMs, eventually } from "./testing/deadline.ts";
import { heldBy, kill, lettersOf } from "./testing/jobs.ts";
import { redis } from "./testing/own-redis.ts";
import { longLeaseMs, workHere } from "./testing/workers.ts";
import { connect, jobType, type Engine } from "./index.ts";

const type = jobType({ name: "job", leaseMs: longLeaseMs, attempts: 1 });

const engineOn = (namespace: string): Engine =>
  connect({ redis: { host: redis.host, port: redis.port }, namespace, name: "test" });
const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `job ${n}`);

test("dead letters stay as many as they may, the newest, and what is removed is counted", async () => {
  await using engine = engineOn("count");
  const payloads = numbered(240);
  await kill(engine, type, payloads);
  let removed = 0;
  const deadLetters = { countMax: 20, removed: (count: number): void => void (removed += count) };
  await using one = workHere(engine, type, async () => {}, { deadLetters });
  await using other = workHere(engine, type, async () => {}, { deadLetters });
  await eventually(() => removed >= 220, { deadlineMs, awaited: "what is too much to be removed" });
  await one.stop();
  await other.stop();
  expect(removed).toBe(220);
  expect((await lettersOf(engine, type)).map(({ payload }) => payload)).toEqual(payloads.slice(-20));
});

test("dead letters stay as long as they may, by the broker's clock, and no longer", async () => {
  await using engine = engineOn("age");
  const store = new Redis(redis.port, redis.host);
  const brokerMs = async (): Promise<number> => {
    const [seconds, micros] = await store.time();
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  };
  await kill(engine, type, numbered(130));
  const letters = await lettersOf(engine, type);
  let removed = 0;
  const deadLetters = { ageMsMax: 3000, removed: (count: number): void => void (removed += count) };
  await using worker = workHere(engine, type, async () => {}, { deadLetters });
  await eventually(
    async () => {
      const left = new Set((await lettersOf(engine, type)).map(({ id }) => id));
      const nowMs = await brokerMs();
      const early = letters.filter(({ id, failedAt }) => !left.has(id) && nowMs - failedAt < 3000);
      expect(early).toEqual([]);
      return removed === 130;
    },
    { deadlineMs, awaited: "the old to be removed" },
  );
  await worker.stop();
  expect(await heldBy(engine, type)).toEqual([]);
  store.disconnect();
});

test("a bound that is none is the caller's error", async () => {
  await using engine = engineOn("no-bound");
  const stop = AbortSignal.abort();
  for (const deadLetters of [{ countMax: -1 }, { countMax: 1.5 }, { ageMsMax: -1 }, { ageMsMax: Infinity }])
    await expect(engine.work(type, async () => {}, { stop, deadLetters })).rejects.toThrow(RangeError);
});
