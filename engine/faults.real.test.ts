/**
 * What the engine does when its world breaks: processes die or stand still, replies are lost, the broker goes and
 * forgets.
 */
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { deadlineMs, eventually, pause, slackMs } from "./testing/deadline.ts";
import { heldBy, jobsOf } from "./testing/jobs.ts";
import { redis } from "./testing/own-redis.ts";
import { startRedis } from "./testing/redis.ts";
import { startProxy } from "./testing/tcp-proxy.ts";
import { leaseMs, longLeaseMs, sweepMs, workElsewhere, workHere } from "./testing/workers.ts";
import { nowMs } from "./std/clock.ts";
import { connect, jobType, type Engine } from "./index.ts";
import { group, keysOf } from "./redis/keys.ts";

const type = jobType({ name: "job", leaseMs: longLeaseMs, backoff: { baseMs: 100 } });
const mortal = jobType({ name: "job", leaseMs });
const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `job-${n}`);
const direct = ({ host, port }: { host: string; port: number } = redis): { host: string; port: number } => ({
  host,
  port,
});
const engineOn = (namespace: string, over: Partial<Parameters<typeof connect>[0]> = {}): Engine =>
  connect({ redis: direct(), namespace, ...over });
const okOf = (receipts: readonly { readonly outcome: string }[]): number =>
  receipts.filter(({ outcome }) => outcome === "ok").length;

test("a batch whose reply is lost is sent again and written once", async () => {
  await using proxy = await startProxy(direct());
  await using engine = engineOn("lost-reply", { redis: direct(proxy) });
  const producer = engine.producer(type);
  expect(okOf(await producer.enqueue([{ payload: "first" }]))).toBe(1); // its producer id is known
  proxy.set("drop-replies");
  const enqueued = producer.enqueue(jobsOf(numbered(100)));
  await eventually(() => proxy.dropped > 0, { deadlineMs, awaited: "a reply to be lost" });
  proxy.set("pass");
  proxy.cut();
  expect(okOf(await enqueued)).toBe(100);
  await using elsewhere = engineOn("lost-reply");
  expect((await heldBy(elsewhere, type)).length).toBe(101);
});

test("what cannot be written in time is refused when it was never sent, and unknown when it was", async () => {
  await using proxy = await startProxy(direct());
  await using engine = engineOn("deadline", { redis: direct(proxy) });
  const producer = engine.producer(type, { deadlineMs: 1500 });
  expect(okOf(await producer.enqueue([{ payload: "first" }]))).toBe(1);
  proxy.set("drop-replies");
  expect(await producer.enqueue([{ payload: "sent" }])).toMatchObject([{ outcome: "unknown" }]);
  proxy.set("refuse");
  expect(await producer.enqueue([{ payload: "never sent" }])).toMatchObject([{ outcome: "refused" }]);
  proxy.set("pass");
  expect(okOf(await producer.enqueue([{ payload: "last" }]))).toBe(1);
  await using elsewhere = engineOn("deadline");
  expect((await heldBy(elsewhere, type)).map((found) => "at" in found && found.payload)).toEqual([
    "first",
    "sent",
    "last",
  ]);
});

test("a settlement whose reply is lost is known to be accepted once it is answered", async () => {
  await using proxy = await startProxy(direct());
  await using engine = engineOn("lost-settlement", { redis: direct(proxy), blocking: direct() });
  await using elsewhere = engineOn("lost-settlement");
  let begun = 0;
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  await using worker = workHere(engine, type, ({ payload }) =>
    payload === "first" ? Promise.resolve() : (begun++, gate),
  );
  const producer = elsewhere.producer(type);
  await producer.enqueue([{ payload: "first" }]); // from now on the broker knows the script
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the first job" });
  await producer.enqueue(jobsOf(numbered(20)));
  await eventually(() => begun === 20, { deadlineMs, awaited: "all jobs to start" });
  proxy.set("drop-replies");
  release();
  await eventually(async () => (await heldBy(elsewhere, type)).length === 0, {
    deadlineMs,
    awaited: "the jobs to be settled",
  });
  expect(worker.settlements.length).toBe(1);
  proxy.set("pass");
  proxy.cut();
  await eventually(() => worker.settlements.length === 21, { deadlineMs, awaited: "the settlements to be known" });
  expect(worker.settlements.filter(({ fate }) => fate !== "accepted")).toEqual([]);
  expect(worker.starts.length).toBe(21);
});

test("the jobs of a killed worker start again within its lease and two sweeps, under the same attempt", async () => {
  await using engine = engineOn("killed");
  await engine.producer(mortal).enqueue(jobsOf(numbered(5)));
  await using doomed = workElsewhere(redis.port, "killed", "never");
  await eventually(() => doomed.lines().length === 5, { deadlineMs, awaited: "the doomed worker to start all jobs" });
  await using worker = workHere(engine, mortal);
  doomed.signal("SIGKILL");
  const killedAt = nowMs();
  await eventually(() => worker.settlements.length >= 5, { deadlineMs, awaited: "the jobs to be done" });
  expect(nowMs() - killedAt).toBeLessThan(leaseMs + 2 * sweepMs + slackMs);
  expect([...new Set(worker.starts)].toSorted()).toEqual(numbered(5).map((payload) => `${payload} 1`));
  await worker.stop();
  expect(await heldBy(engine, mortal)).toEqual([]);
});

test("an owner that stood still past its lease settles nothing, starts nothing, and works on under a new name", async () => {
  await using engine = engineOn("stalled");
  const producer = engine.producer(mortal);
  await producer.enqueue(jobsOf(numbered(20))); // five run, the others wait in its hand or in the stream
  await using stalled = workElsewhere(redis.port, "stalled", 3000);
  await eventually(() => stalled.lines().length >= 5, { deadlineMs, awaited: "five jobs to start" });
  stalled.signal("SIGSTOP");
  await using worker = workHere(engine, mortal);
  await eventually(async () => (await heldBy(engine, mortal)).length === 0, {
    deadlineMs,
    awaited: "all jobs to be settled",
  });
  await worker.stop();
  const before = stalled.lines().length;
  stalled.signal("SIGCONT");
  await producer.enqueue([{ payload: "after" }]);
  await eventually(() => stalled.lines().includes("settled after done accepted"), {
    deadlineMs,
    awaited: "the one that came back to do a new job",
  });
  const lines = stalled.lines();
  expect(lines.slice(before).filter((line) => line.startsWith("start "))).toEqual(["start after"]);
  expect(lines.filter((line) => line.endsWith(" refused")).length).toBeGreaterThan(0);
  const acceptedHere = worker.settlements.filter(({ fate }) => fate === "accepted").map(({ job }) => job.text);
  const acceptedThere = lines.filter((line) => line.endsWith(" accepted")).map((line) => line.split(" ")[1] ?? "");
  expect([...acceptedHere, ...acceptedThere].toSorted()).toEqual(["after", ...numbered(20)].toSorted());
  expect(await stalled.stop()).toBe(0);
  expect(await heldBy(engine, mortal)).toEqual([]);
});

test("work goes on when the broker is back, and enqueues wait for it", async () => {
  await using broker = await startRedis();
  await using engine = engineOn("outage", { redis: direct(broker) });
  const producer = engine.producer(type);
  await using worker = workHere(engine, type);
  await producer.enqueue(jobsOf(numbered(10)));
  await eventually(() => worker.settlements.length === 10, { deadlineMs, awaited: "the first jobs" });
  await broker.stop();
  const enqueued = producer.enqueue([{ payload: "during" }]);
  await pause(3000); // the outage
  await broker.start();
  const backAt = nowMs();
  expect(okOf(await enqueued)).toBe(1);
  await eventually(() => worker.settlements.length === 11, { deadlineMs, awaited: "the job of the outage" });
  expect(nowMs() - backAt).toBeLessThan(5000 + slackMs);
  expect(worker.starts.length).toBe(11);
});

test("a reader in a black hole heals by itself, and the jobs of its lost reply are not forgotten", async () => {
  await using proxy = await startProxy(direct());
  await using engine = engineOn("black-hole", { blocking: direct(proxy) });
  const producer = engine.producer(type);
  await using worker = workHere(engine, type);
  await producer.enqueue(jobsOf(numbered(1)));
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the first job" });
  proxy.set("drop-replies"); // the read is under way: it will be executed, and never answered
  await producer.enqueue([{ payload: "lost" }]);
  await eventually(() => proxy.dropped > 0, { deadlineMs, awaited: "a reply to be lost" });
  proxy.set("black-hole");
  await eventually(() => worker.starts.includes("lost 1"), { deadlineMs, awaited: "the job of the lost reply" });
  proxy.set("pass");
  const healedAt = nowMs();
  await producer.enqueue([{ payload: "after" }]);
  await eventually(() => worker.starts.includes("after 1"), { deadlineMs, awaited: "a job after the heal" });
  expect(nowMs() - healedAt).toBeLessThan(5000 + slackMs);
  await worker.stop();
  expect(worker.starts).toEqual(["job-0 1", "lost 1", "after 1"]);
  expect(await heldBy(engine, type)).toEqual([]);
});

test("a worker whose commands are cut off past its lease loses its jobs once, and comes back", async () => {
  await using proxy = await startProxy(direct());
  await using far = engineOn("cut-off", { redis: direct(proxy), blocking: direct(proxy) });
  await using near = engineOn("cut-off");
  const producer = near.producer(mortal);
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  await using cutOff = workHere(far, mortal, ({ payload }) => (payload === "after" ? Promise.resolve() : gate));
  await producer.enqueue(jobsOf(numbered(5)));
  await eventually(() => cutOff.starts.length === 5, { deadlineMs, awaited: "all jobs to start" });
  await using worker = workHere(near, mortal);
  proxy.set("black-hole");
  await eventually(() => worker.settlements.length === 5, { deadlineMs, awaited: "the jobs to be done by another" });
  await worker.stop();
  release();
  proxy.set("pass");
  await eventually(() => cutOff.settlements.length === 5, { deadlineMs, awaited: "its settlements to be answered" });
  // Refused; unknown where the first send went unanswered: the record that could tell what became of it went with the
  // dead.
  expect(cutOff.settlements.filter(({ fate }) => fate === "accepted")).toEqual([]);
  await producer.enqueue([{ payload: "after" }]);
  await eventually(() => cutOff.settlements.length === 6, { deadlineMs, awaited: "a job after it came back" });
  await cutOff.stop();
  expect(await heldBy(near, mortal)).toEqual([]);
});

test("flushed scripts and a destroyed group are repaired, and no job is lost", async () => {
  await using engine = engineOn("forgetful");
  const store = new Redis(direct());
  const producer = engine.producer(type);
  await using worker = workHere(engine, type, async ({ attempt }) => {
    if (attempt === 1) throw new Error("first");
  });
  const { jobs } = keysOf("forgetful", "job");
  const done = (): number =>
    new Set(
      worker.settlements.filter(({ as, fate }) => as === "done" && fate === "accepted").map(({ job }) => job.text),
    ).size;
  const payloads = numbered(300);
  for (let sent = 0; sent < payloads.length; sent += 50) {
    expect(okOf(await producer.enqueue(jobsOf(payloads.slice(sent, sent + 50))))).toBe(50);
    if (sent % 100 === 0) await store.script("FLUSH");
    else await store.xgroup("DESTROY", jobs, group);
  }
  await eventually(() => done() === payloads.length, { deadlineMs, awaited: "all jobs to be done" });
  await worker.stop();
  expect(await heldBy(engine, type)).toEqual([]);
  store.disconnect();
});

test("everything is forgotten, and work goes on", async () => {
  await using broker = await startRedis();
  await using engine = engineOn("flushed", { redis: direct(broker) });
  const store = new Redis(direct(broker));
  const producer = engine.producer(type);
  await using worker = workHere(engine, type);
  await producer.enqueue(jobsOf(numbered(10)));
  await eventually(() => worker.settlements.length === 10, { deadlineMs, awaited: "the first jobs" });
  await store.flushall();
  expect(okOf(await producer.enqueue(jobsOf(numbered(10))))).toBe(10);
  await eventually(() => worker.settlements.length === 20, { deadlineMs, awaited: "the jobs after that" });
  await worker.stop();
  expect(await heldBy(engine, type)).toEqual([]);
  store.disconnect();
});
