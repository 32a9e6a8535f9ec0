/** Free hands of a worker go to what the dead held, and what they cannot start is left to other workers. */
import { expect, test } from "vitest";
import { deadlineMs, eventually } from "../testing/deadline.ts";
import { jobsOf } from "../testing/jobs.ts";
import { redis, store } from "../testing/own-redis.ts";
import { longLeaseMs, workHere } from "../testing/workers.ts";
import { connect, jobType, type Engine } from "../index.ts";
import { group, keysOf } from "../redis/keys.ts";

const type = jobType({ name: "job", leaseMs: longLeaseMs });
const five = (name: string): readonly string[] => Array.from({ length: 5 }, (_, n) => `${name}-${n}`);
const firstOf = (payloads: readonly string[]): readonly string[] => payloads.map((payload) => `${payload} 1`);
const engineOn = (namespace: string): Engine =>
  connect({ redis: { host: redis.host, port: redis.port }, namespace, name: namespace });

/** Five jobs that are in the hands of a worker, dead or alive. */
async function strandedIn(namespace: string, engine: Engine, alive: boolean): Promise<readonly string[]> {
  const { jobs, workers } = keysOf(namespace, "job");
  await engine.producer(type).enqueue(jobsOf(five("stranded")));
  await store.xgroup("CREATE", jobs, group, "0");
  if (alive) await store.hset(workers, "ghost", 1);
  await store.xreadgroup("GROUP", group, "ghost", "COUNT", 5, "STREAMS", jobs, ">");
  return five("stranded");
}

test("a worker that begins takes what the dead held before anything new, and no more than it can start", async () => {
  await using engine = engineOn("begins");
  const stranded = await strandedIn("begins", engine, false);
  await engine.producer(type).enqueue(jobsOf(five("fresh")));
  const done = Promise.withResolvers<void>();
  await using first = workHere(engine, type, () => done.promise, { concurrency: 5, sweepMs: 50 });
  using _ = { [Symbol.dispose]: () => done.resolve() }; // also where this test fails
  await eventually(() => first.starts.length === 5, { deadlineMs, awaited: "its hands to be full" });
  expect(first.starts.toSorted()).toEqual(firstOf(stranded));
  await using second = workHere(engine, type, () => done.promise, { concurrency: 5, sweepMs: 50 });
  await eventually(() => second.starts.length === 5, { deadlineMs, awaited: "the other's hands to be full" });
  expect(second.starts.toSorted()).toEqual(firstOf(five("fresh")));
  done.resolve();
});

test("a worker that was waiting for new jobs leaves them to others when what the dead held fills its hands", async () => {
  await using engine = engineOn("waits");
  const stranded = await strandedIn("waits", engine, true);
  const done = Promise.withResolvers<void>();
  await using first = workHere(engine, type, () => done.promise, { concurrency: 5, sweepMs: 50 });
  using _ = { [Symbol.dispose]: () => done.resolve() }; // also where this test fails
  const isReading = async (): Promise<boolean> =>
    String(await store.client("LIST"))
      .split("\n")
      .some((one) => one.includes(" name=waits:reader ") && one.includes(" cmd=xreadgroup "));
  await eventually(isReading, { deadlineMs, awaited: "it to wait for jobs" });
  await store.hdel(keysOf("waits", "job").workers, "ghost");
  await eventually(() => first.starts.length === 5, { deadlineMs, awaited: "its hands to be full" });
  await engine.producer(type).enqueue(jobsOf(five("fresh")));
  await using second = workHere(engine, type, () => done.promise, { concurrency: 5, sweepMs: 50 });
  await eventually(() => second.starts.length === 5, { deadlineMs, awaited: "the other's hands to be full" });
  expect(first.starts.toSorted()).toEqual(firstOf(stranded));
  expect(second.starts.toSorted()).toEqual(firstOf(five("fresh")));
  done.resolve();
});
