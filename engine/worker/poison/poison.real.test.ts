/** Jobs that end their worker: found out, and dead in the end; and their neighbours, who are not to suffer for it. */
import { expect, test } from "vitest";
import { deadlineMs, eventually, pause } from "../../testing/deadline.ts";
import { heldBy, jobsOf } from "../../testing/jobs.ts";
import { redis, store } from "../../testing/own-redis.ts";
import { startProxy } from "../../testing/tcp-proxy.ts";
import { leaseMs, longLeaseMs, type OwnProcess, sweepMs, workElsewhere, workHere } from "../../testing/workers.ts";
import { connectWith } from "../../engine.ts";
import { jobType, type Engine } from "../../index.ts";
import { openBroker } from "../../redis/broker.ts";
import { group, keysOf, suspected } from "../../redis/keys.ts";
import { stepsOn } from "../../redis/steps.ts";
import { hostOf } from "../host.ts";

const type = jobType({ name: "job", leaseMs: longLeaseMs });
const mortal = jobType({ name: "job", leaseMs });
const numbered = (count: number, name: string): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${name}-${n}`);
/** What the workers of this file have in common. */
const ownProcess = hostOf();
const engineOn = (namespace: string, { host, port }: { host: string; port: number } = redis): Engine =>
  connectWith({ redis: { host, port }, namespace, name: "test" }, stepsOn, ownProcess);

/** Leaves all that waits in the hands of two who died, one after the other. Returns the entries. */
async function diedTwice(namespace: string): Promise<readonly string[]> {
  const { jobs } = keysOf(namespace, "job");
  await store.xgroup("CREATE", jobs, group, "0");
  await store.xreadgroup("GROUP", group, "ghost", "COUNT", 10_000, "STREAMS", jobs, ">");
  const entries = (await store.xrange(jobs, "-", "+")).map(([entry]) => entry);
  for (const entry of entries) await store.xclaim(jobs, group, "ghost", 0, entry, "RETRYCOUNT", 2, "JUSTID");
  return entries;
}

test("jobs that end their worker are dead as poison, and all that ran beside them is done under its first attempt", async () => {
  const namespace = "killers";
  await using engine = engineOn(namespace);
  await using fleet = new AsyncDisposableStack();
  const lives: OwnProcess[] = [];
  const slots = [0, 1, 2].map(() => {
    let life = fleet.use(workElsewhere(redis.port, namespace, 30, 100));
    lives.push(life);
    return () => {
      if (!life.isGone()) return;
      life = fleet.use(workElsewhere(redis.port, namespace, 30, 100));
      lives.push(life);
    };
  });
  const producer = engine.producer(mortal);
  const healthy = numbered(3000, "job");
  await producer.enqueue(jobsOf(healthy.slice(0, 1500)));
  await producer.enqueue([{ payload: "kill-a" }]);
  await producer.enqueue(jobsOf(healthy.slice(1500, 2500)));
  await producer.enqueue([{ payload: "kill-b" }]);
  await producer.enqueue(jobsOf(healthy.slice(2500)));
  await eventually(
    async () => {
      for (const revive of slots) revive();
      return (await engine.depth(mortal)) === 0;
    },
    { deadlineMs: 3 * deadlineMs, everyMs: 100, awaited: "all to be done or dead" },
  );
  await Promise.all(lives.filter((life) => !life.isGone()).map((life) => life.stop()));

  const held = await heldBy(engine, mortal);
  expect(held.map((found) => ("at" in found ? `${found.at} ${found.payload}` : "")).toSorted()).toEqual([
    "dead kill-a",
    "dead kill-b",
  ]);
  for (const found of held) {
    if (!("letter" in found)) continue;
    const { attempts, firstError, lastError } = found.letter;
    expect({ attempts, firstError }).toEqual({ attempts: 0, firstError: lastError });
    expect(lastError).toBe("poison: its worker died in each of 3 runs in which it was the only suspect there");
  }
  const done = lives.flatMap((life) => life.lines().filter((line) => line.endsWith("done accepted")));
  // What a worker says of its last settlements may die with it.
  expect(new Set(done).size).toBe(done.length);
  const deaths = lives.filter((life) => life.lines().at(-1)?.startsWith("start kill") === true).length;
  expect(deaths).toBeGreaterThanOrEqual(3);
  expect(deaths).toBeLessThanOrEqual(12);
  const { suspects } = keysOf(namespace, "job");
  expect(await store.exists(suspects)).toBe(0);
});

test("new suspects run with each other only, and all others have their turn in between", async () => {
  const namespace = "alone";
  await using engine = engineOn(namespace);
  const producer = engine.producer(type);
  await producer.enqueue(jobsOf(numbered(40, "suspect")));
  await diedTwice(namespace);
  await producer.enqueue(jobsOf(numbered(400, "other")));
  const running = new Set<string>();
  const wrong: string[] = [];
  await using worker = workHere(
    engine,
    type,
    async ({ payload }) => {
      const isSuspect = payload.startsWith("suspect");
      if ([...running].some((other) => other.startsWith("suspect") !== isSuspect))
        wrong.push(`${payload} beside ${[...running].join(" ")}`);
      running.add(payload);
      await pause(5);
      running.delete(payload);
    },
    { concurrency: 10 },
  );
  await eventually(() => worker.settlements.length === 440, { deadlineMs, awaited: "all jobs" });
  await worker.stop();
  expect(wrong).toEqual([]);
  expect(
    worker.settlements.filter(({ as, fate, job }) => as !== "done" || fate !== "accepted" || job.attempt !== 1),
  ).toEqual([]);
  const lastSuspect = worker.starts.findLastIndex((start) => start.startsWith("suspect"));
  const othersBefore = worker.starts.slice(0, lastSuspect).filter((start) => start.startsWith("other")).length;
  expect(othersBefore).toBeGreaterThan(10);
  expect(await heldBy(engine, type)).toEqual([]);
  expect(await store.xinfo("CONSUMERS", keysOf(namespace, "job").jobs, group)).toEqual([]);
});

test("while a suspect runs alone, its worker leaves what the dead held to others", async () => {
  const namespace = "closed";
  await using engine = connectWith({ redis, namespace, name: namespace }, stepsOn, ownProcess);
  const producer = engine.producer(type);
  const { jobs, workers } = keysOf(namespace, "job");
  await producer.enqueue([{ payload: "suspect" }]);
  await diedTwice(namespace);
  const gate = Promise.withResolvers<void>();
  await using worker = workHere(engine, type, ({ payload }) =>
    payload === "suspect" ? gate.promise : Promise.resolve(),
  );
  await eventually(() => worker.starts.length === 1, { deadlineMs, awaited: "the suspect to start" });
  const reads = async (): Promise<boolean> => {
    const clients = String(await store.client("LIST")).split("\n");
    return clients.some((one) => one.includes(` name=${namespace}:reader `) && one.includes(" flags=b "));
  };
  await eventually(async () => !(await reads()), { deadlineMs, awaited: "the last read to end" });
  await producer.enqueue([{ payload: "left" }]);
  await store.xreadgroup("GROUP", group, "ghost", "STREAMS", jobs, ">");
  const beats = async (): Promise<number> => Number((await store.hvals(workers))[0]);
  const before = await beats();
  // Each takes a second, and about each third of one it looks for the dead.
  await eventually(async () => (await beats()) >= before + 3, { deadlineMs, awaited: "signs of life" });
  expect((await store.xpending(jobs, group, "-", "+", 10, "ghost")).length).toBe(1);
  gate.resolve();
  await eventually(() => worker.settlements.length === 2, { deadlineMs, awaited: "both jobs" });
  await worker.stop();
  expect(worker.starts).toEqual(["suspect 1", "left 1"]);
});

test("a worker that only lost touch while a suspect ran in it did not die of it", async () => {
  const namespace = "cut-off";
  await using proxy = await startProxy(redis);
  await using far = engineOn(namespace, proxy);
  await using near = engineOn(namespace);
  await near.producer(mortal).enqueue([{ payload: "long" }]);
  const [entry = ""] = await diedTwice(namespace);
  const { suspects } = keysOf(namespace, "job");
  const record = async (): Promise<readonly string[]> => JSON.parse((await store.hget(suspects, entry)) ?? "[]");
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  // The door was closed for others' sake just now.
  await eventually(() => ownProcess.gate.freeInMs() === 0, {
    deadlineMs,
    awaited: "somebody to be allowed to be alone",
  });
  // In this process only one can be alone: the other waits for a lease, and then runs it among others.
  await using cutOff = workHere(far, mortal, () => first.promise, { graceMs: 100 });
  await eventually(() => cutOff.starts.length === 1, { deadlineMs, awaited: "the suspect to start" });
  expect((await record()).length).toBe(1);
  proxy.set("black-hole");
  await using worker = workHere(near, mortal, () => second.promise, { graceMs: 100 });
  await eventually(() => worker.starts.length === 1, { deadlineMs, awaited: "another to run it" });
  expect((await record()).length).toBe(1);
  proxy.set("pass");
  first.resolve();
  await eventually(async () => (await record()).length === 0, { deadlineMs, awaited: "the run to be struck off" });
  second.resolve();
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the settlement" });
  await Promise.all([cutOff.stop(), worker.stop()]);
  expect(worker.settlements).toMatchObject([{ as: "done", fate: "accepted", job: { attempt: 1 } }]);
  expect(await heldBy(near, mortal)).toEqual([]);
});

test("who has ended three workers alone is dead without another run, with its errors of before", async () => {
  const namespace = "third";
  await using engine = engineOn(namespace);
  await engine.producer(type).enqueue(jobsOf(["poison", "twice"]));
  const [poison = "", twice = ""] = await diedTwice(namespace);
  const { suspects } = keysOf(namespace, "job");
  await store.hset(suspects, poison, JSON.stringify(["a", "b", "c"]), twice, JSON.stringify(["a", "b"]));
  await using worker = workHere(engine, type);
  await eventually(() => worker.settlements.length === 2, { deadlineMs, awaited: "both" });
  await worker.stop();
  expect(worker.starts).toEqual(["twice 1"]);
  expect(await heldBy(engine, type)).toMatchObject([{ at: "dead", payload: "poison", letter: { attempts: 0 } }]);
});

test("a suspect that outlives the grace is handed back, and the stop is not held against it", async () => {
  const namespace = "stopped";
  await using engine = engineOn(namespace);
  await engine.producer(type).enqueue([{ payload: "long" }]);
  await diedTwice(namespace);
  const handle = (_: unknown, signal: AbortSignal): Promise<void> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  const first = workHere(engine, type, handle, { graceMs: 100 });
  await eventually(() => first.starts.length === 1, { deadlineMs, awaited: "the suspect to start" });
  await first.stop();
  expect(await store.exists(keysOf(namespace, "job").suspects)).toBe(0);
  await using second = workHere(engine, type);
  await eventually(() => second.settlements.length === 1, { deadlineMs, awaited: "the job to be done by another" });
  expect(second.starts).toEqual(["long 1"]);
});

test("to take a suspect twice is to take it once, and what is in other hands is not taken", async () => {
  const namespace = "echo";
  await using engine = engineOn(namespace);
  await engine.producer(type).enqueue([{ payload: "suspect" }]);
  const [entry = ""] = await diedTwice(namespace);
  const keys = keysOf(namespace, "job");
  const commands = openBroker({ to: { host: redis.host, port: redis.port }, name: "test" }, () => {});
  await commands.whenReady();
  const steps = stepsOn({ commands, reader: commands, keys, failed: () => {} });
  await steps.join("me");
  await steps.join("other");
  expect(await steps.claim("me", "ghost", 10)).toEqual({ state: "gone", entries: [] });
  expect(await steps.suspects()).toEqual([{ entry, isNew: true }]);
  const first = await steps.isolate("me", entry, true);
  expect(first).toMatchObject({ state: "taken", held: { entry, deliveries: 3, payload: "suspect" }, killed: 0 });
  expect(await steps.isolate("me", entry, true)).toEqual(first);
  expect(await steps.isolate("other", entry, true)).toEqual({ state: "gone" });
  expect(await steps.isolate("nobody", entry, true)).toEqual({ state: "lost" });
  expect(await store.hgetall(keys.suspects)).toEqual({ [entry]: '["me"]' });
  expect(await steps.suspects()).toEqual([]);
  expect((await store.xpending(keys.jobs, group, "-", "+", 10, suspected)).length).toBe(0);
  await steps.absolve("me", entry);
  await steps.absolve("me", entry);
  expect(await store.exists(keys.suspects)).toBe(0);
  commands.close();
});

test("what a sweep needs to see is that somebody waits to run alone", async () => {
  const namespace = "idle";
  await using engine = engineOn(namespace);
  await using worker = workHere(engine, type, undefined, { sweepMs });
  await engine.producer(type).enqueue([{ payload: "first" }]);
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the worker to be at work" });
  const { jobs } = keysOf(namespace, "job");
  // As another worker sets it aside: this one is never told.
  const add = store.multi().xadd(jobs, "*", "m", "id@1", "p", "aside");
  await add.xreadgroup("GROUP", group, suspected, "COUNT", 1, "STREAMS", jobs, ">").exec();
  await eventually(() => worker.starts.includes("aside 1"), { deadlineMs, awaited: "it to run" });
  await worker.stop();
  expect(await heldBy(engine, type)).toEqual([]);
});
