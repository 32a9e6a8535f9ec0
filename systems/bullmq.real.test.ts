/**
 * What only BullMQ does, or only its adapter knows: dead letters, lost locks, outages. The rest is in the contract's
 * suite.
 */
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { eventually, within } from "../std/deadline.ts";
import { connectTest, jobs, placesOf, working } from "./testing/connect.ts";
import { redis } from "../engine/testing/own-redis.ts";
import { startRedis, type TestRedis } from "../engine/testing/redis.ts";
import bullmq from "./bullmq.ts";
import { loadBullmq } from "./bullmq/load.ts";

const deadlineMs = 60_000;

test("a dead letter says where it came from, how often and why it failed, when, and on which worker", async () => {
  await using connection = await connectTest(bullmq, redis, {
    namespace: "dead",
    name: "worker:1",
    retries: { attempts: 2, backoffMs: 10 },
  });
  const before = Number(await asked(redis, (client) => client.time().then(([seconds]) => seconds)));
  await connection.enqueue([{ payload: "doomed" }]);
  const { stop } = working(connection, ({ attempt }) => {
    throw new TypeError(`attempt ${attempt}\nhad two lines`);
  });
  const dead = await eventually(async () => (await placesOf(connection)).find((place) => "entry" in place), {
    deadlineMs,
    awaited: "the dead letter",
  });
  await stop();
  expect(dead.entry).toMatchObject({
    origin: "dead:jobs",
    attempts: 2,
    firstError: "attempt 1\nhad two lines",
    lastError: "attempt 2\nhad two lines",
    worker: "worker:1",
  });
  expect(dead.entry.enqueuedAt).toBeGreaterThanOrEqual(before * 1000);
  expect(dead.entry.failedAt).toBeGreaterThanOrEqual(dead.entry.enqueuedAt ?? Infinity);
});

test("a settlement under another owner's lock is refused, one whose lock is gone is unknown", async () => {
  await using connection = await connectTest(bullmq, redis, { namespace: "locks", name: "w" });
  const handled = Promise.withResolvers<void>();
  const { deliveries, settlements, stop } = working(connection, () => handled.promise);
  const [stolen, lost] = await connection.enqueue([{ payload: "stolen" }, { payload: "lost" }]);
  if (stolen?.outcome !== "ok" || lost?.outcome !== "ok") throw new Error("not enqueued");
  await eventually(() => deliveries.length === 2, { deadlineMs, awaited: "both to start" });
  await asked(redis, (client) => client.set(`locks:jobs:${stolen.id}:lock`, "another", "PX", 60_000));
  await asked(redis, (client) => client.del(`locks:jobs:${lost.id}:lock`));
  handled.resolve();
  await eventually(() => settlements.length === 2, { deadlineMs, awaited: "both settlements" });
  expect(new Map(settlements.map(({ delivery, settlement }) => [delivery.payload, settlement.settlement]))).toEqual(
    new Map([
      ["lost", "unknown"],
      ["stolen", "refused"],
    ]),
  );
  const places = await placesOf(connection);
  expect(places.filter((place) => "at" in place).map(({ at }) => at)).toEqual(["active", "active"]);
  await stop();
});

test("what no list leads to is a leftover", async () => {
  await using connection = await connectTest(bullmq, redis, { namespace: "strays", name: "p" });
  await connection.enqueue(jobs(3));
  await asked(redis, (client) => client.rpop("strays:jobs:wait"));
  await asked(redis, (client) => client.set("strays:jobs:nobody:lock", "token"));
  await asked(redis, (client) => client.lpush("strays:jobs:wait", "hollow"));
  const leftovers = (await placesOf(connection)).filter((place) => "leftover" in place);
  expect(leftovers).toEqual([
    { leftover: "ids without a job", count: 1 },
    { leftover: "jobs in no list", count: 1 },
    { leftover: "locks of jobs that are not active", count: 1 },
  ]);
});

test("an idle worker goes on after the store was away, and an add without an answer is unknown, not lost", async () => {
  await using store = await startRedis();
  const settings = bullmq.options.parse({ addDeadlineMs: 4_000 });
  await using connection = await connectTest(bullmq, store, { name: "w", settings });
  const { deliveries, stop } = working(connection);
  await connection.enqueue([{ payload: "before" }]);
  await eventually(() => deliveries.length === 1, { deadlineMs, awaited: "the first job" });
  await eventually(() => asked(store, async (client) => String(await client.client("LIST")).includes("cmd=bzpopmin")), {
    deadlineMs,
    awaited: "the worker to block",
  });
  await store.stop();
  const [unanswered] = await within(
    connection.enqueue([{ payload: "during" }]),
    deadlineMs,
    "an answer while the store is away",
  );
  expect(unanswered?.outcome).toBe("unknown");
  await store.start();
  await eventually(async () => (await connection.enqueue([{ payload: "after" }]))[0]?.outcome === "ok", {
    deadlineMs,
    awaited: "an add after the outage",
  });
  await eventually(() => deliveries.some(({ payload }) => payload === "after"), {
    deadlineMs,
    awaited: "a job after the outage to run",
  });
  expect(deliveries.some(({ payload }) => payload === "during")).toBe(true);
  await stop();
});

test("a package that is no BullMQ is a mistake of the user's, and says what to install", async () => {
  const address = { host: redis.host, port: redis.port };
  const context = {
    role: "producer" as const,
    links: { commands: address, blocking: address },
    namespace: "n",
    name: "n",
    retries: { attempts: 1, backoffMs: 1 },
  };
  await expect(loadBullmq({ ...context, load: async () => ({ Queue: 1 }) })).rejects.toThrow(/install bullmq/);
});

/** One question to a store, on a connection of its own. */
async function asked<T>({ host, port }: TestRedis, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({ host, port });
  try {
    return await question(client);
  } finally {
    client.disconnect();
  }
}
