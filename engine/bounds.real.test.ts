/**
 * Large payloads, at every place where one is held or moved: whoever else uses the broker or the process has to have
 * room and time.
 */
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { deadlineMs, eventually } from "./testing/deadline.ts";
import { heldBy, jobsOf, kill, lettersOf } from "./testing/jobs.ts";
import { redis } from "./testing/own-redis.ts";
import { longLeaseMs, workHere } from "./testing/workers.ts";
import { inFlightBytesMax, stepBytesMax } from "./redis/bounds.ts";
import { connect, jobType, type Engine } from "./index.ts";

const MiB = 2 ** 20;
const large = jobType({ name: "job", leaseMs: longLeaseMs, attempts: 1, payloadBytesMax: MiB });
const texts = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => String(n).padEnd(MiB, "x"));
const bytesOf = (count: number): number => count * MiB;

const engineOn = (namespace: string): Engine => connect({ redis: { host: redis.host, port: redis.port }, namespace });

/** How many scripts the broker ran meanwhile, and how many bytes it sent. */
async function costOf(work: () => Promise<unknown>): Promise<{ readonly steps: number; readonly bytes: number }> {
  const store = new Redis(redis.port, redis.host);
  const look = async (): Promise<{ readonly steps: number; readonly bytes: number }> => ({
    steps: Number(/evalsha:calls=(\d+)/.exec(await store.info("commandstats"))?.[1] ?? 0),
    bytes: Number(/total_net_output_bytes:(\d+)/.exec(await store.info("stats"))?.[1]),
  });
  const before = await look();
  await work();
  const after = await look();
  store.disconnect();
  return { steps: after.steps - before.steps, bytes: after.bytes - before.bytes };
}

test("a worker has no more jobs in hand than it bears if all are as large as they may be, and does all of them", async () => {
  await using engine = engineOn("hand");
  const type = jobType({ name: "job", leaseMs: longLeaseMs, payloadBytesMax: inFlightBytesMax });
  await engine.producer(type).enqueue(jobsOf(["a", "b", "c", "d", "e"]));
  let running = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  await using worker = workHere(engine, type, async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running--;
  });
  for (let done = 0; done < 5; done++) {
    await eventually(() => running === 1, { deadlineMs, awaited: "one to run" });
    expect(await engine.counts(type)).toMatchObject({ active: 1, waiting: 4 - done });
    ends.shift()?.();
    await eventually(() => worker.settlements.length > done, { deadlineMs, awaited: "it to be settled" });
  }
  expect(most).toBe(1);
});

test("a payload that is larger than its job type says is refused at the door, and nothing of its list is written", async () => {
  await using engine = engineOn("door");
  const type = jobType({ name: "job", payloadBytesMax: 1000 });
  const producer = engine.producer(type);
  for (const payload of ["x".repeat(1001), "ü".repeat(501), "😀".repeat(251)])
    await expect(producer.enqueue(jobsOf(["small", payload]))).rejects.toThrow(
      /payload of job 1 of job has \d+ bytes.*is 1000/,
    );
  expect(await engine.depth(type)).toBe(0);
  const fitting = ["x".repeat(1000), "ü".repeat(500), "😀".repeat(250)];
  for (const { outcome } of await producer.enqueue(jobsOf(fitting))) expect(outcome).toBe("ok");
  for (const payloadBytesMax of [0, 1.5, Number.NaN, inFlightBytesMax + 1])
    expect(() => jobType({ name: "job", payloadBytesMax })).toThrow("payloadBytesMax must be a whole number from 1 to");
});

test("large dead letters are listed, put back and purged in steps that end", async () => {
  const count = 12;
  await using engine = engineOn("dead");
  await kill(engine, large, texts(count));
  const least = bytesOf(count) / stepBytesMax;
  const listing = await costOf(async () => {
    const listed = (await lettersOf(engine, large)).map(({ payload }) => payload);
    expect(listed.toSorted()).toEqual(texts(count).toSorted());
  });
  expect(listing.steps).toBeGreaterThanOrEqual(least);
  const purging = await costOf(async () => {
    expect(await engine.deadLetters(large).purge({ error: "xx failed" })).toBe(0); // errors are shorter than that
    expect(await engine.deadLetters(large).purge({ error: "0x" })).toBe(2);
  });
  expect(purging.bytes).toBeLessThan(MiB);
  const replaying = await costOf(async () => {
    expect(await engine.deadLetters(large).replay({})).toBe(count - 2);
  });
  expect(replaying.bytes).toBeLessThan(MiB);
  expect(replaying.steps).toBeGreaterThanOrEqual(bytesOf(count - 2) / stepBytesMax);
  const found = await heldBy(engine, large);
  expect(found.map((one) => ("at" in one ? one.at : one))).toEqual(Array.from({ length: count - 2 }, () => "waiting"));
});

test("large dead letters are thrown away by their ids, or since they may not stay, in steps that end, and free their keys", async () => {
  const count = 12;
  await using engine = engineOn("thrown away");
  const die = async (): Promise<void> => {
    await engine.producer(large).enqueue(jobsOf(texts(count), (_, n) => ({ key: `k${n}` })));
    await using worker = workHere(engine, large, () => Promise.reject(new Error("it always fails")));
    await eventually(() => worker.settlements.length === count, { deadlineMs, awaited: "all to be dead" });
    await worker.stop();
  };
  await die();
  const ids = (await lettersOf(engine, large)).map(({ id }) => id);
  const purging = await costOf(async () => expect(await engine.deadLetters(large).purge(ids)).toBe(count));
  expect(purging.bytes).toBeLessThan(MiB);
  expect(purging.steps).toBeGreaterThanOrEqual(bytesOf(count) / stepBytesMax);

  await die(); // their keys were free
  const removals: number[] = [];
  const deadLetters = { countMax: 1, removed: (gone: number): void => void removals.push(gone) };
  await using worker = workHere(engine, large, async () => {}, { deadLetters });
  const removed = (): number => removals.reduce((all, gone) => all + gone, 0);
  await eventually(() => removed() === count - 1, { deadlineMs, awaited: "all but the newest to be removed" });
  await worker.stop();
  expect(Math.max(...removals)).toBeLessThanOrEqual(stepBytesMax / MiB);
  const receipts = await engine.producer(large).enqueue(jobsOf(texts(count), (_, n) => ({ key: `k${n}` })));
  expect(receipts.filter((receipt) => "duplicate" in receipt).length).toBe(1);
});

test("a look for one job moves no payloads, and keeps whoever enqueues from nothing longer than a step", async () => {
  const count = 12;
  await using engine = engineOn("find");
  const producer = engine.producer(large);
  const [first] = await producer.enqueue(jobsOf(texts(count)));
  await producer.enqueue(jobsOf(texts(count), { delayMs: 3_600_000 }));
  const [last] = await producer.enqueue([{ payload: "last", delayMs: 3_600_000 }]);
  if (first?.outcome !== "ok" || last?.outcome !== "ok") throw new Error("not written");
  expect(await engine.find(large, first.id)).toBe("waiting");
  expect(await engine.find(large, last.id)).toBe("delayed");
  const looking = await costOf(async () => expect(await engine.find(large, "never-was")).toBeUndefined());
  expect(looking.bytes).toBeLessThan(MiB);
  expect(looking.steps).toBeGreaterThanOrEqual((2 * 2 * bytesOf(count)) / stepBytesMax / 1.5);
});

test("large jobs that are due at once all arrive", async () => {
  await using engine = engineOn("due");
  await engine.producer(large).enqueue(jobsOf(texts(12), { delayMs: 1 }));
  await using worker = workHere(engine, large);
  await eventually(() => worker.settlements.length === 12, { deadlineMs, awaited: "all to be done" });
  await worker.stop();
  expect(await heldBy(engine, large)).toEqual([]);
});

test("many jobs, some of them large, are taken over from a dead worker and all are done", async () => {
  await using engine = engineOn("reclaimed");
  const type = jobType({ name: "job", leaseMs: 1000, payloadBytesMax: 2 * MiB });
  const payloads = Array.from({ length: 12 }, (_, n) => String(n).padEnd(n % 3 === 0 ? 2 * MiB : 10, "x"));
  await engine.producer(type).enqueue(jobsOf(payloads));
  const store = new Redis(redis.port, redis.host);
  await store.xgroup("CREATE", "reclaimed:{job}:jobs", "workers", "0");
  await store.xreadgroup("GROUP", "workers", "dead", "COUNT", 100, "STREAMS", "reclaimed:{job}:jobs", ">");
  store.disconnect();
  await using worker = workHere(engine, type);
  await eventually(() => worker.settlements.length === 12, { deadlineMs, awaited: "all to be done" });
  expect(worker.starts.toSorted()).toEqual(payloads.map((payload) => `${payload} 1`).toSorted());
});
