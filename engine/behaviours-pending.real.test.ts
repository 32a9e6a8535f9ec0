/**
 * What is known to go wrong with entries in dead hands, and must not here; docs/behaviours.md says where each comes
 * from.
 */
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { deadlineMs, eventually } from "./testing/deadline.ts";
import { heldBy, jobsOf, kill } from "./testing/jobs.ts";
import { redis, store } from "./testing/own-redis.ts";
import { startRedis } from "./testing/redis.ts";
import { leaseMs, longLeaseMs, workElsewhere, workHere } from "./testing/workers.ts";
import { openBroker } from "./redis/broker.ts";
import { nowMs } from "./std/clock.ts";
import { connect, jobType, type Engine } from "./index.ts";
import { group, keysOf } from "./redis/keys.ts";
import { stepsOn } from "./redis/steps.ts";

const type = jobType({ name: "job", leaseMs: longLeaseMs });
const numbered = (count: number, name = "job"): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${name}-${n}`);
const firstOf = (payloads: readonly string[]): readonly string[] =>
  payloads.map((payload) => `${payload} 1`).toSorted();
const engineOn = (namespace: string, { host, port }: { host: string; port: number } = redis): Engine =>
  connect({ redis: { host, port }, namespace, name: "test" });

/** So many of the oldest that wait are in the hands of this consumer now; unless it is said to be alive, it is dead. */
async function inHandsOf(namespace: string, consumer: string, count: number, alive = false): Promise<void> {
  const { jobs, workers } = keysOf(namespace, "job");
  await store.xgroup("CREATE", jobs, group, "0").catch(() => {}); // it is there
  if (alive) await store.hset(workers, consumer, 1);
  await store.xreadgroup("GROUP", group, consumer, "COUNT", count, "STREAMS", jobs, ">");
}

test("what the dead hold is all taken over, however much older work is in living hands", async () => {
  const namespace = "pages";
  await using engine = engineOn(namespace);
  const patient = jobType({ name: "job", leaseMs: 3_600_000 });
  const [fresh, stranded] = [numbered(600, "fresh"), numbered(600, "stranded")];
  await engine.producer(patient).enqueue(jobsOf(fresh));
  await inHandsOf(namespace, "alive", 600, true);
  await engine.producer(patient).enqueue(jobsOf(stranded));
  await inHandsOf(namespace, "ghost", 600);
  await using worker = workHere(engine, patient);
  await eventually(() => worker.settlements.length >= 600, { deadlineMs, awaited: "all that was stranded" });
  await worker.stop();
  expect(worker.starts.toSorted()).toEqual(firstOf(stranded));
  expect(await engine.depth(patient)).toBe(600);
});

test("a job that outlasts its lease several times in living hands is run once", async () => {
  const namespace = "long";
  const short = jobType({ name: "job", leaseMs: 1000 });
  await using engine = engineOn(namespace);
  const done = Promise.withResolvers<void>();
  await using owner = workHere(engine, short, () => done.promise, { sweepMs: 50 });
  await engine.producer(short).enqueue([{ payload: "long" }]);
  await eventually(() => owner.starts.length === 1, { deadlineMs, awaited: "the job to start" });
  const startedAt = nowMs();
  await using other = workHere(engine, short, undefined, { sweepMs: 50 });
  using _ = { [Symbol.dispose]: () => done.resolve() }; // also where this test fails
  const { workers } = keysOf(namespace, "job");
  const beats = async (): Promise<number> =>
    Math.min(
      ...Object.values(await store.hgetall(workers))
        .map(Number)
        .concat(Infinity),
    );
  // Five to a lease: each of the two has time enough to lose the job, or to take it.
  await eventually(async () => other.starts.length > 0 || ((await store.hlen(workers)) === 2 && (await beats()) > 20), {
    deadlineMs,
    awaited: "both to show many signs of life",
  });
  expect(other.starts).toEqual([]);
  expect(nowMs() - startedAt).toBeGreaterThan(3000);
  done.resolve();
  await eventually(() => owner.settlements.length === 1, { deadlineMs, awaited: "its settlement" });
  expect(owner.starts).toEqual(["long 1"]);
  expect(owner.settlements).toMatchObject([{ as: "done", fate: "accepted" }]);
});

test("of ten workers that find the same dead at once, one takes each entry, and it counts as one delivery more", async () => {
  const namespace = "race";
  await using engine = engineOn(namespace);
  const payloads = numbered(400);
  await engine.producer(type).enqueue(jobsOf(payloads));
  for (const name of numbered(40, "ghost")) await inHandsOf(namespace, name, 10);
  const done = Promise.withResolvers<void>();
  await using fleet = new AsyncDisposableStack();
  const workers = numbered(10, "worker").map(() =>
    fleet.use(workHere(fleet.use(engineOn(namespace)), type, () => done.promise, { concurrency: 400, sweepMs: 50 })),
  );
  using _ = { [Symbol.dispose]: () => done.resolve() }; // also where this test fails
  const starts = (): readonly string[] => workers.flatMap((worker) => worker.starts);
  await eventually(() => starts().length >= 400, { deadlineMs, awaited: "all jobs to start" });
  const pending = await store.xpending(keysOf(namespace, "job").jobs, group, "-", "+", 1000);
  expect(pending.map((row) => Array.isArray(row) && row[3])).toEqual(payloads.map(() => 2));
  done.resolve();
  await eventually(async () => (await engine.depth(type)) === 0, { deadlineMs, awaited: "all jobs to be done" });
  expect(starts().toSorted()).toEqual(firstOf(payloads));
});

test("a worker whose hands are full leaves the work of the dead to one whose hands are free", async () => {
  const namespace = "full";
  await using engine = engineOn(namespace);
  const producer = engine.producer(type);
  const done = Promise.withResolvers<void>();
  await using full = workHere(engine, type, () => done.promise, { concurrency: 5, sweepMs: 50 });
  using _ = { [Symbol.dispose]: () => done.resolve() }; // also where this test fails
  await producer.enqueue(jobsOf(numbered(5, "held")));
  await eventually(() => full.starts.length === 5, { deadlineMs, awaited: "its hands to be full" });
  await producer.enqueue(jobsOf(numbered(5, "stranded")));
  await inHandsOf(namespace, "ghost", 5);
  const steps = async (): Promise<number> =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await store.info("commandstats"))?.[1]);
  const before = await steps();
  await eventually(async () => (await steps()) > before + 20, { deadlineMs, awaited: "it to look for the dead" });
  await using free = workHere(engine, type, undefined, { sweepMs: 50 });
  await eventually(() => free.settlements.length === 5, { deadlineMs, awaited: "the work of the dead to be done" });
  expect(free.starts.toSorted()).toEqual(firstOf(numbered(5, "stranded")));
  expect(full.starts).toHaveLength(5);
  done.resolve();
  await eventually(() => full.settlements.length === 5, { deadlineMs, awaited: "the others" });
});

test.each([
  { where: "a server", settings: [] },
  { where: "a node in cluster mode", settings: ["--cluster-enabled", "yes"] },
])("on $where, the dead lose what they held, whichever way it had come to them", async ({ settings }) => {
  await using broker = await startRedis(settings);
  const its = new Redis({ host: broker.host, port: broker.port });
  if (settings.length > 0) {
    await its.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await eventually(async () => String(await its.call("CLUSTER", "INFO")).includes("cluster_state:ok"), {
      deadlineMs,
      awaited: "the cluster to be whole",
    });
  }
  its.disconnect();
  const twice = jobType({ name: "job", leaseMs, attempts: 2, backoff: { baseMs: 1000 } });
  await using engine = engineOn("ways", broker);
  const producer = engine.producer(twice);
  await kill(engine, jobType({ name: "job", leaseMs, attempts: 1 }), ["replayed"]);
  await producer.enqueue(jobsOf(["handed back", "retried"]));
  const first = workHere(
    engine,
    twice,
    ({ payload }) => (payload === "retried" ? Promise.reject(new Error("failed")) : new Promise(() => {})),
    { graceMs: 0 },
  );
  await eventually(() => first.starts.length === 2 && first.settlements.length === 1, {
    deadlineMs,
    awaited: "one job to wait for its retry, one to run",
  });
  await first.stop();
  await producer.enqueue([{ payload: "new" }]);
  await producer.enqueue([{ payload: "delayed", delayMs: 500 }]);
  expect(await engine.deadLetters(twice).replay({})).toBe(1);
  await using doomed = workElsewhere(broker.port, "ways", "never");
  await eventually(() => doomed.lines().length === 5, { deadlineMs, awaited: "it to hold all five" });
  doomed.signal("SIGKILL");
  await using worker = workHere(engine, twice);
  await eventually(() => worker.settlements.length === 5, { deadlineMs, awaited: "all five to be done" });
  await worker.stop();
  expect(worker.starts.toSorted()).toEqual(["delayed 1", "handed back 1", "new 1", "replayed 1", "retried 2"]);
  expect(await heldBy(engine, twice)).toEqual([]);
});

test("the name of a dead worker goes when its hands are empty, and takes nothing along", async () => {
  const namespace = "names";
  await using engine = engineOn(namespace);
  const payloads = numbered(240);
  await engine.producer(type).enqueue(jobsOf(payloads));
  for (const name of numbered(8, "pod")) await inHandsOf(namespace, name, 30);
  const { jobs } = keysOf(namespace, "job");
  for (const name of numbered(3, "idle")) await store.xgroup("CREATECONSUMER", jobs, group, name);
  // Each takes less at a time than any of them holds.
  await using one = workHere(engine, type, undefined, { concurrency: 7 });
  await using other = workHere(engine, type, undefined, { concurrency: 7 });
  const done = (): number => one.settlements.length + other.settlements.length;
  await eventually(() => done() >= 240, { deadlineMs, awaited: "all that they held" });
  const names = async (): Promise<string> => JSON.stringify(await store.xinfo("CONSUMERS", jobs, group));
  await eventually(async () => !/pod-|idle-/.test(await names()), { deadlineMs, awaited: "their names to be gone" });
  await Promise.all([one.stop(), other.stop()]);
  expect([...one.starts, ...other.starts].toSorted()).toEqual(firstOf(payloads));
});

test("an entry that somebody removed from the stream is no job any more, and keeps nobody from the others", async () => {
  const namespace = "removed";
  await using engine = engineOn(namespace);
  await engine.producer(type).enqueue(jobsOf(["first", "removed", "last"]));
  await inHandsOf(namespace, "ghost", 3);
  const { jobs } = keysOf(namespace, "job");
  const [, middle] = await store.xrange(jobs, "-", "+");
  await store.xdel(jobs, middle?.[0] ?? "");
  await using worker = workHere(engine, type);
  await eventually(() => worker.settlements.length >= 2, { deadlineMs, awaited: "the other two" });
  await worker.stop();
  expect(worker.starts.toSorted()).toEqual(["first 1", "last 1"]);
  expect((await store.xpending(jobs, group))[0]).toBe(0);
  expect(await heldBy(engine, type)).toEqual([]);
});

test("what was settled is not run again after a failover, though the group begins anew, nor after a restart", async () => {
  await using primary = await startRedis();
  await using replica = await startRedis();
  const old = new Redis({ host: primary.host, port: primary.port });
  const promoted = new Redis({ host: replica.host, port: replica.port, retryStrategy: () => 50 });
  promoted.on("error", () => {}); // it is away for a while
  await promoted.replicaof(primary.host, primary.port);
  await using before = engineOn("again", primary);
  const producer = before.producer(type);
  await producer.enqueue(jobsOf(numbered(200, "settled")));
  await using first = workHere(before, type);
  await eventually(() => first.settlements.length === 200, { deadlineMs, awaited: "the first jobs" });
  await first.stop();
  await producer.enqueue(jobsOf(numbered(100, "left")));
  await eventually(async () => (await old.wait(1, 1000)) === 1, { deadlineMs, awaited: "the replica to have it all" });
  old.disconnect();
  await primary.stop("SIGKILL");
  await promoted.replicaof("NO", "ONE");
  await promoted.xgroup("SETID", keysOf("again", "job").jobs, group, "0");

  await using after = engineOn("again", replica);
  await using second = workHere(after, type);
  await eventually(() => second.settlements.length >= 100, { deadlineMs, awaited: "what was left" });
  await second.stop();
  expect(second.starts.toSorted()).toEqual(firstOf(numbered(100, "left")));
  await after.producer(type).enqueue(jobsOf(numbered(50, "new")));
  await replica.stop();
  await replica.start();
  await using third = workHere(after, type);
  await eventually(() => third.settlements.length >= 50, { deadlineMs, awaited: "the jobs after the restart" });
  await third.stop();
  expect(third.starts.toSorted()).toEqual(firstOf(numbered(50, "new")));
  expect(await heldBy(after, type)).toEqual([]);
  promoted.disconnect();
});

/**
 * The least that it took the broker to say who is dead, and to hand over a hundred entries, with so many in hand, of
 * which half are the dead's.
 */
async function leastMs(namespace: string, held: number): Promise<{ readonly look: number; readonly claim: number }> {
  const keys = keysOf(namespace, "job");
  const fill = `for n = 1, ARGV[1] do redis.call('XADD', KEYS[1], '*', 'm', 'id@1', 'p', n) end
    redis.call('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', ARGV[1], 'STREAMS', KEYS[1], '>')`;
  await store.xgroup("CREATE", keys.jobs, group, "0", "MKSTREAM");
  await store.hset(keys.workers, "alive", 1);
  for (const consumer of ["alive", "ghost"]) await store.eval(fill, 1, keys.jobs, held / 2, group, consumer);
  const commands = openBroker({ to: { host: redis.host, port: redis.port }, name: "test" }, () => {});
  await commands.whenReady();
  // Of which a hundred may be claimed at once.
  const steps = stepsOn({ commands, reader: commands, keys, payloadBytesMax: 2 ** 16, failed: () => {} });
  await steps.join("me");
  const least = { look: Infinity, claim: Infinity };
  for (let turn = 0; turn < 15; turn++) {
    const begunAt = nowMs();
    const survey = await steps.survey();
    const lookedAt = nowMs();
    const claimed = await steps.claim("me", "ghost", 100);
    least.claim = Math.min(least.claim, nowMs() - lookedAt);
    least.look = Math.min(least.look, lookedAt - begunAt);
    expect(survey?.pending.get("alive")).toBe(held / 2);
    expect(claimed).toMatchObject({ state: "more", entries: { length: 100 } });
  }
  commands.close();
  await store.del(keys.jobs);
  return least;
}

test("to look for the dead, and to take from them, costs the broker no more where a hundred times as much is in hand", async () => {
  const few = await leastMs("few", 4000);
  const many = await leastMs("many", 400_000);
  // Who goes through all that is pending takes a hundred times as long.
  expect(many.look).toBeLessThan(10 * few.look + 10);
  expect(many.claim).toBeLessThan(10 * few.claim + 10);
});
