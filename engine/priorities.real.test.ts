import { once } from "node:events";
import { expect, test } from "vitest";
import { deadlineMs, eventually, pause } from "./testing/deadline.ts";
import { heldBy, jobsOf, kill } from "./testing/jobs.ts";
import { redis } from "./testing/own-redis.ts";
import { leaseMs, longLeaseMs, workHere } from "./testing/workers.ts";
import { connect, jobType, type Handler } from "./index.ts";

const priorities = { high: 8, normal: 3, low: 1 };
const type = jobType({ name: "job", priorities, attempts: 2, backoff: { baseMs: 10 }, leaseMs: longLeaseMs });
const names = Object.keys(priorities);
const engineIn = (namespace: string) => connect({ redis, namespace });

const many = (priority: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${priority} ${n}`);
const priorityOf = (start: string): string => start.split(" ", 1)[0] ?? "";

test("while all wait, starts are shared by the weights, and none starves", async () => {
  await using engine = engineIn("weights");
  const producer = engine.producer(type);
  // So many that a moment in which one read stands still does not decide.
  const each = 4000;
  await Promise.all(names.map((priority) => producer.enqueue(jobsOf(many(priority, each), { priority }))));
  await using worker = workHere(engine, type, undefined, { concurrency: 4 });
  await eventually(() => worker.settlements.length === 3 * each, { deadlineMs, awaited: "all to be done" });
  const order = worker.starts.map(priorityOf);
  // The first ones are whatever was read first; the high ones are over after about each * 12 / 8.
  const contested = order.slice(200, 4800);
  const share = (priority: string): number => contested.filter((one) => one === priority).length / contested.length;
  expect(share("high")).toBeGreaterThan(0.5);
  expect(share("high")).toBeLessThan(0.8);
  expect(share("normal")).toBeGreaterThan(0.13);
  expect(share("low")).toBeGreaterThan(0.03);
  expect(share("low")).toBeLessThan(0.2);
  await worker.stop();
  expect(await heldBy(engine, type)).toEqual([]);
});

test("a worker whose hands are full reads nothing ahead that another could start", async () => {
  await using engine = engineIn("full");
  const producer = engine.producer(type);
  const gate = Promise.withResolvers<void>();
  await using busy = workHere(engine, type, () => gate.promise, { concurrency: 2 });
  await producer.enqueue(jobsOf(["high", "low"], (priority) => ({ priority })));
  await eventually(() => busy.starts.length === 2, { deadlineMs, awaited: "its hands to be full" });
  await using idle = workHere(engine, type, undefined, { concurrency: 6 });
  const sent = names.flatMap((priority) => many(priority, 20));
  await Promise.all(names.map((priority) => producer.enqueue(jobsOf(many(priority, 20), { priority }))));
  // One of each priority may have been read before its hands were full, since that read was waiting then.
  await eventually(() => idle.settlements.length >= sent.length - names.length, {
    deadlineMs,
    awaited: "the other to do what is not in busy hands",
  });
  gate.resolve();
  await eventually(() => busy.settlements.length + idle.settlements.length === sent.length + 2, {
    deadlineMs,
    awaited: "all to be done",
  });
  expect(busy.starts.length).toBeLessThanOrEqual(2 + names.length);
});

test("what the dead held goes before all that waits, in whichever part it is", async () => {
  const sharded = jobType({ name: "job", priorities, shards: 3, leaseMs });
  const concurrency = 8;
  await using near = engineIn("dead-first");
  const sent = names.flatMap((priority) => many(priority, 700));
  await near.producer(sharded).enqueue(jobsOf(sent, (payload) => ({ priority: priorityOf(payload) })));
  const taken = new Set<string>();
  {
    await using far = engineIn("dead-first");
    const hang: Handler<string> = ({ payload }, signal) => {
      taken.add(payload);
      return once(signal, "abort").then(() => signal.throwIfAborted());
    };
    const lost = workHere(far, sharded, hang, { concurrency });
    await eventually(() => taken.size === concurrency, { deadlineMs, awaited: "its hands to be full" });
    // Its connections are closed under it: to the others it is dead.
    void lost.stop();
  }
  await using worker = workHere(near, sharded, () => pause(30), { concurrency });
  await eventually(() => worker.settlements.length === sent.length, { deadlineMs, awaited: "all to be done" });
  const lastOfTheDead = worker.starts.findLastIndex((start) => taken.has(start.replace(/ 1$/, "")));
  expect(lastOfTheDead).toBeLessThan(sent.length - 400);
});

test("a retry and what is put back to work keep their priority, and a dead letter says it", async () => {
  await using engine = engineIn("kept");
  const dead = engine.deadLetters(type);
  {
    await using worker = workHere(engine, type, async () => {
      throw new Error("no");
    });
    await engine.producer(type).enqueue(jobsOf(["a", "b", "c"], (_, n) => ({ priority: names[n] })));
    await eventually(() => worker.settlements.filter(({ as }) => as === "dead").length === 3, {
      deadlineMs,
      awaited: "all to be dead",
    });
  }
  const letters = await Array.fromAsync(dead.list());
  expect(Object.fromEntries(letters.map(({ payload, priority }) => [payload, priority]))).toEqual({
    a: "high",
    b: "normal",
    c: "low",
  });
  const low = letters.find(({ priority }) => priority === "low");
  expect(await dead.replay([low?.id ?? ""])).toBe(1);
  const lows = jobType({ name: "job", priorities: { low: 1 } });
  expect(await engine.depth(lows)).toBe(1);
  expect(await engine.counts(type)).toMatchObject({ waiting: 1, dead: 2 });
  expect(await dead.replay({})).toBe(2);
  expect(await dead.replay({})).toBe(0);
  await using worker = workHere(engine, type);
  await eventually(() => worker.settlements.length === 3, { deadlineMs, awaited: "all to be done" });
});

test("a key is known in every priority", async () => {
  await using engine = engineIn("keys");
  const producer = engine.producer(type);
  const [first] = await producer.enqueue([{ payload: "a", priority: "low", key: "order 7" }]);
  const [second] = await producer.enqueue([{ payload: "a", priority: "high", key: "order 7" }]);
  expect(second).toEqual({ ...first, duplicate: true });
  expect(await engine.depth(type)).toBe(1);
});

test("each priority has a depth limit of its own", async () => {
  await using engine = engineIn("limits");
  const limited = jobType({ name: "job", priorities, maxDepth: 2 });
  const producer = engine.producer(limited);
  const outcomes = async (priority: string): Promise<readonly string[]> =>
    (await producer.enqueue(jobsOf(["a", "b", "c"], { priority }))).map(({ outcome }) => outcome);
  expect(await outcomes("low")).toEqual(["ok", "ok", "refused"]);
  expect(await outcomes("high")).toEqual(["ok", "ok", "refused"]);
});

test("a priority that is none is the caller's error, and nothing is written", async () => {
  await using engine = engineIn("wrong");
  const producer = engine.producer(type);
  const plain = engine.producer(jobType({ name: "job" }));
  await expect(producer.enqueue([{ payload: "a" }])).rejects.toThrow(
    "priority must be one of high, normal, low, got nothing",
  );
  await expect(producer.enqueue(jobsOf(["high", "urgent"], (priority) => ({ priority })))).rejects.toThrow(
    'job 1: priority must be one of high, normal, low, got "urgent"',
  );
  await expect(plain.enqueue([{ payload: "a", priority: "high" }])).rejects.toThrow(
    "priority must be left out (job has none)",
  );
  expect(await engine.depth(type)).toBe(0);
  expect(() => jobType({ name: "job", priorities: {} })).toThrow("left out where all jobs are alike");
  expect(() => jobType({ name: "job", priorities: { "": 1 } })).toThrow("a name in jobType: priorities must be text");
  expect(() => jobType({ name: "job", priorities: { low: 0 } })).toThrow(
    "jobType: priorities.low must be a number from 0.001",
  );
  expect(() => jobType({ name: "job", shards: 1.5 })).toThrow("shards must be a whole number from 1 to 1024, got 1.5");
  expect(() => jobType({ name: "job", concurrency: 0 })).toThrow(
    "concurrency must be a whole number from 1 to 100000, got 0",
  );
});

test("dead letters of several shards are one list, and each has a name of its own", async () => {
  await using engine = engineIn("shards");
  const sharded = jobType({ name: "job", shards: 3, attempts: 1, leaseMs: longLeaseMs });
  const payloads = many("dead", 30);
  await kill(engine, sharded, payloads);
  const dead = engine.deadLetters(sharded);
  const letters = await Array.fromAsync(dead.list());
  expect(letters.map(({ payload }) => payload).toSorted()).toEqual(payloads.toSorted());
  expect(new Set(letters.map(({ id }) => id.split("/")[0]))).toEqual(new Set(["0", "1", "2"]));
  expect(new Set(letters.map(({ id }) => id)).size).toBe(payloads.length);
  const times = letters.map(({ id }) => Number(/\/(\d+)-/.exec(id)?.[1]));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const [, , , fourth] = letters;
  const rest = await Array.fromAsync(dead.list({ after: fourth?.id ?? "" }));
  expect(rest).toEqual(letters.slice(4));
  expect(await dead.purge(letters.slice(0, 10).map(({ id }) => id))).toBe(10);
  expect(await dead.replay(letters.map(({ id }) => id))).toBe(20);
  expect(await engine.counts(sharded)).toMatchObject({ waiting: 20, dead: 0 });
  await expect(dead.purge(["1700000000000-0"])).rejects.toThrow("no id of a dead letter");
  await expect(dead.purge(["3/1700000000000-0"])).rejects.toThrow("such as 0/1700000000000-0");
  await using worker = workHere(engine, sharded);
  await eventually(() => worker.settlements.length === 20, { deadlineMs, awaited: "all to be done" });
  await worker.stop();
  expect(await heldBy(engine, sharded)).toEqual([]);
});
