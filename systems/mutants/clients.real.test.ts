/** Each mutant that misjudges the others, the time or the broker does what it says, on a real store. */
import { Redis } from "ioredis";
import { afterEach, expect, test, vi } from "vitest";
import { group, keysOf } from "../../engine/redis/keys.ts";
import { calendarNow } from "../../std/clock.ts";
import { eventually, within } from "../../std/deadline.ts";
import { onFreePort } from "../../std/free-port.ts";
import { beats } from "../testing/beats.ts";
import { connectTest, placesOf, working } from "../testing/connect.ts";
import { redis } from "../../engine/testing/own-redis.ts";
import { startRedis, type TestRedis } from "../../engine/testing/redis.ts";
import { startProxy } from "../../engine/testing/tcp-proxy.ts";
import type { Place } from "../contract.ts";
import stream from "../stream.ts";
import exitsAtOnce from "./exits-at-once.ts";
import fireAndForget from "./fire-and-forget.ts";
import depthForgetsDelayed from "./depth-forgets-delayed.ts";
import noReclaim from "./no-reclaim.ts";
import poisonUnbounded from "./poison-unbounded.ts";
import readerGivesUp from "./reader-gives-up.ts";
import readerHangs from "./reader-hangs.ts";
import reclaimByIdleTime from "./reclaim-by-idle-time.ts";
import resendWithoutIdempotency from "./resend-without-idempotency.ts";
import slowReclaim from "./slow-reclaim.ts";
import timeoutIsRefusal from "./timeout-is-refusal.ts";
import workerClockDecides from "./worker-clock-decides.ts";

/** A busy machine is ten times slower. */
const deadlineMs = 60_000;
const hourMs = 3_600_000;

afterEach(() => void vi.useRealTimers());

/** A client of the test's own, which ends with the scope. */
function clientOf({ host, port }: TestRedis): Disposable & { readonly redis: Redis } {
  const client = new Redis({ host, port, retryStrategy: () => 50 });
  client.on("error", () => {}); // the store is away for a while
  return { redis: client, [Symbol.dispose]: () => client.disconnect() };
}

const held = (places: readonly Place[]): readonly string[] =>
  places.flatMap((place) => ("at" in place ? [`${place.payload} ${place.at}`] : []));

test("worker-clock-decides: a retry that was to wait half an hour is made at once where a worker's clock is an hour ahead", async () => {
  const retries = { attempts: 2, backoffMs: hourMs / 2 };
  await using connection = await connectTest(workerClockDecides, redis, { namespace: "ahead", name: "w", retries });
  const { deliveries, stop } = working(connection, ({ attempt }) => {
    if (attempt === 1) throw new Error("failed");
  });
  await connection.enqueue([{ payload: "hurried" }]);
  await eventually(async () => held(await placesOf(connection)).includes("hurried delayed"), {
    deadlineMs,
    awaited: "the job to wait for its retry",
  });
  vi.useFakeTimers({ toFake: ["Date"], now: calendarNow().getTime() + hourMs });
  await eventually(() => deliveries.length === 2, { deadlineMs, awaited: "the retry" });
  vi.useRealTimers();
  await stop();
  expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 2]);
});

test.each([
  { name: "reclaim-by-idle-time", system: reclaimByIdleTime, starts: 2 },
  { name: "the engine", system: stream, starts: 1 },
])(
  "$name: a job that looks idle for an hour, in living hands, is started $starts times",
  async ({ name, system, starts }) => {
    using client = clientOf(redis);
    const namespace = `idle-${name.replace(" ", "-")}`;
    const { jobs } = keysOf(namespace, "job");
    // On a busy machine a job looks idle for seconds without any jump.
    const settings = system.options.parse({ sweepMs: 50, leaseMs: 60_000 });
    await using connection = await connectTest(system, redis, { namespace, name: "w", settings });
    await using another = await connectTest(system, redis, { namespace, name: "other", settings });
    const done = Promise.withResolvers<void>();
    const first = working(connection, () => done.promise);
    await connection.enqueue([{ payload: "mine" }]);
    await eventually(() => first.deliveries.length === 1, { deadlineMs, awaited: "the job to start" });
    const second = working(another);
    const [entry, owner] = (await client.redis.xpending(jobs, group, "-", "+", 1)).flat();
    // As after a jump of the broker's clock.
    await client.redis.xclaim(jobs, group, String(owner), 0, String(entry), "IDLE", hourMs, "JUSTID");
    await beats(client.redis, namespace, 6);
    if (starts === 2)
      await eventually(() => second.deliveries.length === 1, { deadlineMs, awaited: "its second start" });
    expect(first.deliveries.length + second.deliveries.length).toBe(starts);
    done.resolve();
    await Promise.all([first.stop(), second.stop()]);
  },
);

test("reclaim-by-idle-time: what the dead held is worked all the same", async () => {
  using client = clientOf(redis);
  const namespace = "idle-dead";
  const { jobs, workers } = keysOf(namespace, "job");
  const settings = reclaimByIdleTime.options.parse({ leaseMs: 500, sweepMs: 50 });
  await using connection = await connectTest(reclaimByIdleTime, redis, { namespace, name: "w", settings });
  await connection.enqueue([{ payload: "left" }]);
  await client.redis.xgroup("CREATE", jobs, group, "0");
  await client.redis.hset(workers, "dead", 1);
  await client.redis.xreadgroup("GROUP", group, "dead", "STREAMS", jobs, ">");
  const { settlements, stop } = working(connection);
  await eventually(() => settlements.length === 1, { deadlineMs, awaited: "the job of the dead" });
  await stop();
  expect(held(await placesOf(connection))).toEqual([]);
});

test("no-reclaim: what the dead held stays in their hands", async () => {
  using client = clientOf(redis);
  const namespace = "no-reclaim";
  const { jobs } = keysOf(namespace, "job");
  const settings = noReclaim.options.parse({ sweepMs: 50 });
  await using connection = await connectTest(noReclaim, redis, { namespace, name: "w", settings });
  await connection.enqueue([{ payload: "left" }]);
  await client.redis.xgroup("CREATE", jobs, group, "0");
  await client.redis.xreadgroup("GROUP", group, "ghost", "STREAMS", jobs, ">");
  const { deliveries, stop } = working(connection);
  await eventually(async () => (await client.redis.hlen(keysOf(namespace, "job").workers)) === 1, {
    deadlineMs,
    awaited: "the worker to join",
  });
  await beats(client.redis, namespace, 4);
  await stop();
  expect(deliveries).toEqual([]);
  expect(held(await placesOf(connection))).toEqual(["left active"]);
});

test("exits-at-once: asked to stop, it leaves while its job is running, and hands nothing back", async () => {
  const namespace = "leaving";
  await using connection = await connectTest(exitsAtOnce, redis, { namespace, name: "w" });
  const done = Promise.withResolvers<void>();
  const { deliveries, stop } = working(connection, () => done.promise);
  await connection.enqueue([{ payload: "left" }]);
  await eventually(() => deliveries.length === 1, { deadlineMs, awaited: "the job to start" });
  await within(stop(), deadlineMs, "the worker to leave");
  expect(held(await placesOf(connection))).toEqual(["left active"]);
  done.resolve();
});

test("fire-and-forget: what nobody can have written is acknowledged", async () => {
  const nobody = await onFreePort(async (port) => ({ host: redis.host, port }));
  await using connection = await connectTest(fireAndForget, nobody, { name: "p" });
  const [receipt] = await connection.enqueue([{ payload: "gone" }]);
  expect(receipt?.outcome).toBe("ok");
});

test("resend-without-idempotency: a job whose receipt was lost is there twice", async () => {
  await using proxy = await startProxy(redis);
  await using connection = await connectTest(resendWithoutIdempotency, proxy, { namespace: "twice", name: "p" });
  await using scanner = await connectTest(stream, redis, { namespace: "twice", name: "s" });
  await connection.enqueue([{ payload: "first" }]);
  proxy.set("drop-replies");
  const enqueued = connection.enqueue([{ payload: "doubled" }]);
  await eventually(() => proxy.dropped > 0, { deadlineMs, awaited: "its receipt to be swallowed" });
  proxy.set("pass");
  proxy.cut();
  expect((await within(enqueued, deadlineMs, "the second enqueue"))[0]?.outcome).toBe("ok");
  expect(held(await placesOf(scanner))).toEqual(["first waiting", "doubled waiting", "doubled waiting"]);
});

test("timeout-is-refusal: a job whose receipt was lost is there, and was refused", async () => {
  await using proxy = await startProxy(redis);
  await using connection = await connectTest(timeoutIsRefusal, proxy, { namespace: "denied", name: "p" });
  await using scanner = await connectTest(stream, redis, { namespace: "denied", name: "s" });
  await eventually(async () => (await connection.enqueue([{ payload: "first" }]))[0]?.outcome === "ok", {
    deadlineMs,
    awaited: "the connection",
  });
  proxy.set("drop-replies");
  const enqueued = connection.enqueue([{ payload: "denied" }]);
  await eventually(() => proxy.dropped > 0, { deadlineMs, awaited: "its receipt to be swallowed" });
  proxy.set("pass");
  proxy.cut();
  expect((await within(enqueued, deadlineMs, "the refusal"))[0]?.outcome).toBe("refused");
  expect(held(await placesOf(scanner))).toEqual(["first waiting", "denied waiting"]);
});

test.each([
  { name: "slow-reclaim", system: slowReclaim, starts: 0 },
  { name: "the engine", system: stream, starts: 1 },
])(
  "$name: of a worker that was silent for two of its leases, $starts jobs are started",
  async ({ name, system, starts }) => {
    using client = clientOf(redis);
    const namespace = `silent-${name.replace(" ", "-")}`;
    const { jobs, workers } = keysOf(namespace, "job");
    const settings = system.options.parse({ leaseMs: 1000, sweepMs: 50 });
    await using connection = await connectTest(system, redis, { namespace, name: "w", settings });
    await connection.enqueue([{ payload: "left" }]);
    await client.redis.xgroup("CREATE", jobs, group, "0");
    await client.redis.hset(workers, "silent", 1);
    await client.redis.xreadgroup("GROUP", group, "silent", "STREAMS", jobs, ">");
    const { deliveries, stop } = working(connection);
    await eventually(async () => (await client.redis.hlen(workers)) >= 1, {
      deadlineMs,
      awaited: "the worker to join",
    });
    if (starts === 1) await eventually(() => deliveries.length === 1, { deadlineMs, awaited: "the job of the silent" });
    else await beats(client.redis, namespace, 3);
    await stop();
    expect(deliveries.length).toBe(starts);
  },
);

test.each([
  { name: "reader-gives-up", system: readerGivesUp },
  { name: "reader-hangs", system: readerHangs },
])("$name: after the store was away it beats its heart and takes no job", async ({ system }) => {
  await using away = await startRedis();
  using client = clientOf(away);
  await using connection = await connectTest(system, away, { namespace: "deaf", name: "w" });
  const { deliveries, stop } = working(connection);
  await connection.enqueue([{ payload: "before" }]);
  await eventually(() => deliveries.length === 1, { deadlineMs, awaited: "a job before the outage" });
  await eventually(async () => String(await client.redis.client("LIST")).includes("cmd=xreadgroup"), {
    deadlineMs,
    awaited: "the worker to read",
  });
  await away.stop();
  await away.start();
  await eventually(async () => (await connection.enqueue([{ payload: "after" }]))[0]?.outcome === "ok", {
    deadlineMs,
    awaited: "an enqueue after the outage",
  });
  await beats(client.redis, "deaf", 4);
  expect(deliveries.map(({ payload }) => payload)).toEqual(["before"]);
  expect(held(await placesOf(connection))).toContain("after waiting");
  await stop();
});

test.each([
  { name: "depth-forgets-delayed", system: depthForgetsDelayed, depth: 2 },
  { name: "the engine", system: stream, depth: 3 },
])("$name: two jobs that wait and one that is delayed are a depth of $depth", async ({ name, system, depth }) => {
  await using connection = await connectTest(system, redis, {
    namespace: `depth-${name.replace(" ", "-")}`,
    name: "p",
  });
  await connection.enqueue([{ payload: "a" }, { payload: "b" }, { payload: "later", delayMs: hourMs }]);
  expect(await connection.depth?.()).toBe(depth);
});

test.each([
  { name: "poison-unbounded", system: poisonUnbounded, records: 0 },
  { name: "the engine", system: stream, records: 1 },
])("$name: of a job whose workers died twice, $records runs are on record", async ({ name, system, records }) => {
  using client = clientOf(redis);
  const namespace = `poison-${name.replace(" ", "-")}`;
  const { jobs, suspects } = keysOf(namespace, "job");
  await using connection = await connectTest(system, redis, { namespace, name: "w" });
  await connection.enqueue([{ payload: "poison" }]);
  await client.redis.xgroup("CREATE", jobs, group, "0");
  await client.redis.xreadgroup("GROUP", group, "ghost", "STREAMS", jobs, ">");
  const [entry] = (await client.redis.xpending(jobs, group, "-", "+", 1)).flat();
  await client.redis.xclaim(jobs, group, "ghost", 0, String(entry), "RETRYCOUNT", 2, "JUSTID");
  const done = Promise.withResolvers<void>();
  const { deliveries, stop } = working(connection, () => done.promise);
  await eventually(() => deliveries.length === 1, { deadlineMs, awaited: "the job to start" });
  expect(await client.redis.hlen(suspects)).toBe(records);
  done.resolve();
  await stop();
});
