/** Each mutant that takes work too soon, late, twice or never does what it says, on a real store. */
import { isDeepStrictEqual } from "node:util";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { group, keysOf } from "../../engine/redis/keys.ts";
import { eventually, within } from "../../std/deadline.ts";
import { beats } from "../testing/beats.ts";
import { connectTest, jobs, placesOf, working } from "../testing/connect.ts";
import { redis, store } from "../../engine/testing/own-redis.ts";
import { startRedis } from "../../engine/testing/redis.ts";
import { startProxy } from "../../engine/testing/tcp-proxy.ts";
import type { Place } from "../contract.ts";
import stream from "../stream.ts";
import blockedGroup from "./blocked-group.ts";
import firstPageOnly from "./first-page-only.ts";
import leaseKeptShort from "./lease-kept-short.ts";
import leftLying from "./left-lying.ts";
import refusesAfterReturn from "./refuses-after-return.ts";
import refusesForEver from "./refuses-for-ever.ts";
import rerunsLate from "./reruns-late.ts";
import settledRunAgain from "./settled-run-again.ts";
import standsStill from "./stands-still.ts";
import takenAtAHiccup from "./taken-at-a-hiccup.ts";
import takesWhatWasSettled from "./takes-what-was-settled.ts";
import workerTakesNoMore from "./worker-takes-no-more.ts";

/** A busy machine is ten times slower. */
const deadlineMs = 60_000;

const held = (places: readonly Place[]): readonly string[] =>
  places.flatMap((place) => ("at" in place ? [`${place.payload} ${place.at}`] : []));

/** All that waits is in the hands of a consumer that nobody knows. */
async function givenTo(consumer: string, namespace: string): Promise<void> {
  await store.xgroup("CREATE", keysOf(namespace, "job").jobs, group, "0").catch(() => {}); // there already
  await store.xreadgroup("GROUP", group, consumer, "STREAMS", keysOf(namespace, "job").jobs, ">");
}

test.each([
  { name: "lease-kept-short", system: leaseKeptShort, starts: 1 },
  { name: "taken-at-a-hiccup", system: takenAtAHiccup, starts: 1 },
  { name: "the engine", system: stream, starts: 0 },
])(
  "$name: of a worker that is silent for less than its lease, $starts jobs are started",
  async ({ name, system, starts }) => {
    const namespace = `lease-${name.replace(" ", "-")}`;
    const settings = system.options.parse({ leaseMs: 600_000, sweepMs: 100 });
    await using connection = await connectTest(system, redis, { namespace, name: "w", settings });
    await connection.enqueue([{ payload: "held" }]);
    await store.hset(keysOf(namespace, "job").workers, "silent", 1);
    await givenTo("silent", namespace);
    const { deliveries, stop } = working(connection);
    if (starts === 1) await eventually(() => deliveries.length === 1, { deadlineMs, awaited: "the job of the silent" });
    else {
      await eventually(async () => (await store.hlen(keysOf(namespace, "job").workers)) === 2, {
        deadlineMs,
        awaited: "it to join",
      });
      await beats(store, namespace, 4);
    }
    await stop();
    expect(deliveries.length).toBe(starts);
  },
);

test.each([
  { name: "first-page-only", system: firstPageOnly, starts: 0 },
  { name: "the engine", system: stream, starts: 1 },
])("$name: behind a job of the living, $starts of the dead are found", async ({ name, system, starts }) => {
  const namespace = `page-${name.replace(" ", "-")}`;
  const settings = system.options.parse({ leaseMs: 600_000, sweepMs: 50 });
  await using connection = await connectTest(system, redis, { namespace, name: "w", settings });
  await store.hset(keysOf(namespace, "job").workers, "alive", 1);
  await connection.enqueue([{ payload: "first" }]);
  await givenTo("alive", namespace);
  await connection.enqueue([{ payload: "second" }]);
  await givenTo("dead", namespace);
  const { deliveries, stop } = working(connection);
  await eventually(async () => (await store.hlen(keysOf(namespace, "job").workers)) === 2, {
    deadlineMs,
    awaited: "it to join",
  });
  if (starts === 1) await eventually(() => deliveries.length === 1, { deadlineMs, awaited: "the job of the dead" });
  else await beats(store, namespace, 2);
  await stop();
  expect(deliveries.length).toBe(starts);
});

test.each([
  { name: "settled-run-again", system: settledRunAgain, starts: 2 },
  { name: "the engine", system: stream, starts: 1 },
])(
  "$name: a job that was settled before its worker's link broke is started $starts times",
  async ({ name, system, starts }) => {
    await using proxy = await startProxy(redis);
    await using connection = await connectTest(system, proxy, {
      namespace: `again-${name.replace(" ", "-")}`,
      name: "w",
    });
    const { deliveries, settlements, stop } = working(connection);
    await connection.enqueue([{ payload: "settled" }]);
    await eventually(() => settlements.length === 1, { deadlineMs, awaited: "its settlement" });
    proxy.cut();
    await eventually(async () => (await connection.enqueue([{ payload: "later" }]))[0]?.outcome === "ok", {
      deadlineMs,
      awaited: "the way back",
    });
    await eventually(() => deliveries.some(({ payload }) => payload === "later"), {
      deadlineMs,
      awaited: "a job after it",
    });
    await stop();
    expect(deliveries.filter(({ payload }) => payload === "settled").length).toBe(starts);
  },
);

test("reruns-late: one in a hundred jobs comes again, long after it was settled, and nobody asked for it", async () => {
  const namespace = "late";
  await using connection = await connectTest(rerunsLate, redis, { namespace, name: "w" });
  const { deliveries, settlements, stop } = working(connection);
  await connection.enqueue(jobs(100));
  await eventually(() => settlements.length >= 100, { deadlineMs, awaited: "all settlements" });
  expect(deliveries.length).toBe(100);
  await eventually(() => settlements.length > 100, { deadlineMs, awaited: "one more" });
  await stop();
  expect(deliveries.length).toBe(101);
  expect(settlements.at(-1)?.settlement).toEqual({ settlement: "refused" });
});

test("takes-what-was-settled: with the jobs of the dead come those that it had settled", async () => {
  const namespace = "had";
  await using connection = await connectTest(takesWhatWasSettled, redis, { namespace, name: "w" });
  const first = working(connection);
  await connection.enqueue([{ payload: "settled" }]);
  await eventually(async () => (await store.keys(`${namespace}:had:*`)).length === 1, {
    deadlineMs,
    awaited: "its record",
  });
  await first.stop();
  await store.rename((await store.keys(`${namespace}:had:*`))[0] ?? "", `${namespace}:had:dead`);
  await connection.enqueue([{ payload: "held" }]);
  await givenTo("dead", namespace);
  const second = working(connection);
  await eventually(() => second.deliveries.length === 2, { deadlineMs, awaited: "both" });
  await second.stop();
  expect(second.deliveries.map(({ payload }) => payload)).toEqual(["held", "settled"]);
});

/** Of one group, as their payloads are drawn. */
const [first, second] = ["job 0", "job 692"];

test("blocked-group: what a dead worker had stays in its hands, and what else is of its group waits behind it", async () => {
  const namespace = "group";
  const settings = blockedGroup.options.parse({ leaseMs: 500, sweepMs: 50 });
  await using survivor = await connectTest(blockedGroup, redis, { namespace, name: "survivor", settings });
  await using proxy = await startProxy(redis);
  {
    await using dying = await connectTest(blockedGroup, proxy, { namespace, name: "dying", settings });
    const { deliveries } = working(dying, () => new Promise(() => {}));
    await dying.enqueue([{ payload: first }]);
    await eventually(() => deliveries.length === 1, { deadlineMs, awaited: "the job to start" });
    proxy.set("refuse");
    proxy.cut();
  }
  const { deliveries, stop } = working(survivor);
  await survivor.enqueue([{ payload: second }, { payload: "of another" }]);
  await eventually(() => deliveries.length === 1, { deadlineMs, awaited: "the other group's" });
  await eventually(async () => (await store.hlen(keysOf(namespace, "job").workers)) === 1, {
    deadlineMs,
    awaited: "the dead to be found",
  });
  await beats(store, namespace, 4);
  await stop();
  expect(deliveries.map(({ payload }) => payload)).toEqual(["of another"]);
});

test("blocked-group: without a death, jobs of a group run one after the other, and the next is told to wait", async () => {
  const namespace = "turns";
  const settings = blockedGroup.options.parse({ sweepMs: 50 });
  await using connection = await connectTest(blockedGroup, redis, { namespace, name: "w", settings });
  const done = Promise.withResolvers<void>();
  const { deliveries, settlements, stop } = working(connection, () => done.promise);
  await connection.enqueue([{ payload: first }, { payload: second }]);
  const isSetAside = async (): Promise<boolean> =>
    isDeepStrictEqual(held(await placesOf(connection)).toSorted(), [`${first} active`, `${second} waiting`]);
  await eventually(isSetAside, { deadlineMs, awaited: "one to be set aside" });
  await eventually(() => deliveries.length > 0, { deadlineMs, awaited: "the other to start" });
  expect(deliveries.length).toBe(1);
  done.resolve();
  await eventually(() => settlements.length === 2, { deadlineMs, awaited: "both to be settled" });
  await stop();
  expect(held(await placesOf(connection))).toEqual([]);
});

test("left-lying: of three hundred jobs one is laid aside, and the queue goes on", async () => {
  await using connection = await connectTest(leftLying, redis, { namespace: "lying", name: "w" });
  const { settlements, stop } = working(connection);
  await connection.enqueue(jobs(310));
  await eventually(() => settlements.length === 309, { deadlineMs, awaited: "all but one" });
  await stop();
  expect(held(await placesOf(connection))).toEqual([expect.stringMatching(/ active$/)]);
});

test("refuses-after-return: a producer gets through after a cut, and never after a restart of the store", async () => {
  await using away = await startRedis();
  await using proxy = await startProxy(away);
  await using connection = await connectTest(refusesAfterReturn, proxy, { name: "p" });
  const enqueued = async (outcome: string): Promise<boolean> =>
    (await connection.enqueue([{ payload: "order" }]))[0]?.outcome === outcome;
  await eventually(() => enqueued("ok"), { deadlineMs, awaited: "the first" });
  proxy.cut();
  await eventually(() => enqueued("ok"), { deadlineMs, awaited: "one after the cut" });
  await away.stop();
  await away.start();
  await eventually(() => enqueued("refused"), { deadlineMs, awaited: "a refusal" });
  for (let n = 0; n < 10; n++) expect(await enqueued("refused")).toBe(true);
});

test("refuses-for-ever: a producer that was not answered in time takes nothing any more", async () => {
  await using proxy = await startProxy(redis);
  const settings = refusesForEver.options.parse({ deadlineMs: 2000 });
  await using connection = await connectTest(refusesForEver, proxy, { namespace: "sulks", name: "p", settings });
  await eventually(async () => (await connection.enqueue([{ payload: "first" }]))[0]?.outcome === "ok", {
    deadlineMs,
    awaited: "the first",
  });
  proxy.set("drop-replies");
  const unanswered = connection.enqueue([{ payload: "second" }]);
  await eventually(async () => (await connection.enqueue([{ payload: "third" }]))[0]?.outcome === "refused", {
    deadlineMs,
    awaited: "a refusal",
  });
  proxy.set("pass");
  proxy.cut();
  await within(unanswered, deadlineMs, "the answer to the second");
  expect(await connection.enqueue([{ payload: "fourth" }])).toMatchObject([{ outcome: "refused" }]);
});

test.each([
  { name: "worker-takes-no-more", system: workerTakesNoMore, after: "a cut of its link" },
  { name: "stands-still", system: standsStill, after: "a restart of the store" },
])("$name: after $after, and nothing else, a worker beats its heart and takes no job", async ({ name, system }) => {
  await using away = await startRedis();
  await using proxy = await startProxy(away);
  const client = new Redis({ host: away.host, port: away.port, retryStrategy: () => 50 }).on("error", () => {});
  try {
    const namespace = name;
    await using connection = await connectTest(system, proxy, { namespace, name: "w" });
    await using producer = await connectTest(stream, away, { namespace, name: "p" });
    const { deliveries, stop } = working(connection);
    const cut = async (): Promise<void> => proxy.cut();
    const restart = async (): Promise<void> => {
      await away.stop();
      await away.start();
    };
    const [harmless, harmful] = name === "stands-still" ? [cut, restart] : [restart, cut];
    const enqueued = async (payload: string): Promise<void> => {
      await eventually(async () => (await producer.enqueue([{ payload }]))[0]?.outcome === "ok", {
        deadlineMs,
        awaited: payload,
      });
    };
    const isReading = async (): Promise<boolean> => String(await client.client("LIST")).includes("cmd=xreadgroup");
    await enqueued("before");
    await eventually(() => deliveries.length === 1, { deadlineMs, awaited: "a job before" });
    await eventually(isReading, { deadlineMs, awaited: "it to read" });
    await harmless();
    await enqueued("between");
    await eventually(() => deliveries.length === 2, { deadlineMs, awaited: "a job between" });
    await eventually(isReading, { deadlineMs, awaited: "it to read again" });
    await harmful();
    await eventually(async () => !(await isReading()), { deadlineMs, awaited: "it to read no more" });
    await enqueued("after");
    await beats(client, namespace, 3);
    expect(deliveries.map(({ payload }) => payload)).toEqual(["before", "between"]);
    await stop();
  } finally {
    client.disconnect();
  }
});
