/**
 * The sketch does what it says while nothing goes wrong: what is red in a run is then its bugs', and not this
 * adapter's.
 */
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { eventually } from "../../std/deadline.ts";
import { connectTest, jobs, placesOf, working } from "../testing/connect.ts";
import { redis } from "../../engine/testing/own-redis.ts";
import type { Place } from "../contract.ts";
import seedLiteral from "./seed-literal.ts";
import { group, keysOf } from "./seed-literal/keys.ts";

/** A busy machine is ten times slower. */
const deadlineMs = 60_000;
const quick = { ...seedLiteral.options.parse({}), leaseMs: 500, sweepMs: 100 };

const told = (places: readonly Place[]): readonly string[] =>
  places.map((place) =>
    "at" in place
      ? `${place.at} ${place.payload}`
      : "leftover" in place
        ? `${place.leftover} ${place.count}`
        : `${place.cardinality} ${place.count}`,
  );
const counts = (active: number): readonly string[] => [`active ${active}`, "delayed 0", "dead 0"];

test("it hands over all that waits, as many at once as it may, settles each once, and removes nothing", async () => {
  await using connection = await connectTest(seedLiteral, redis, { namespace: "once", name: "worker" });
  const sent = jobs(300);
  const receipts = await connection.enqueue(sent);
  expect(receipts.map(({ outcome }) => outcome)).toEqual(sent.map(() => "ok"));
  const waiting = sent.map(({ payload }) => `waiting ${payload}`);
  expect(told(await placesOf(connection))).toEqual([...waiting, ...counts(0)]);

  const gate = Promise.withResolvers<void>();
  const worker = working(connection, () => gate.promise, 50);
  await eventually(() => worker.deliveries.length === 50, { deadlineMs, awaited: "as many starts as it may" });
  const held = told(await placesOf(connection));
  expect(held.filter((place) => place.startsWith("active job")).length).toBe(50);
  expect(held.slice(-3)).toEqual(counts(50));
  gate.resolve();
  await eventually(() => worker.settlements.length === 300, { deadlineMs, awaited: "all to be settled" });
  await worker.stop();
  expect(worker.deliveries.map(({ payload }) => payload).toSorted()).toEqual(
    sent.map(({ payload }) => payload).toSorted(),
  );
  expect(worker.settlements.filter(({ settlement }) => settlement.settlement !== "accepted")).toEqual([]);
  expect(told(await placesOf(connection))).toEqual([
    "active 0",
    "acknowledged entries that nobody removes 300",
    "delayed 0",
    "dead 0",
  ]);
  expect(await connection.depth?.()).toBe(300);
});

test("what fails is tried again with its payload, and is in its dead letters after the last attempt", async () => {
  await using connection = await connectTest(seedLiteral, redis, { namespace: "fails", name: "worker" });
  const worker = working(connection, ({ attempt }) => {
    throw new Error(`failed on ${attempt}`);
  });
  const [job] = jobs(1);
  if (job === undefined) throw new Error("no job");
  await connection.enqueue([job]);
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "it to be dead" });
  await worker.stop();
  expect(worker.deliveries).toEqual([1, 2, 3].map((attempt) => ({ ...job, attempt })));
  expect(await placesOf(connection)).toContainEqual({
    at: "dead",
    ...job,
    entry: { origin: keysOf("fails").jobs, lastError: "failed on 3", failedAt: expect.any(Number) },
  });
});

test("what is idle in a consumer's hands for long enough is another's", async () => {
  await using connection = await connectTest(seedLiteral, redis, {
    namespace: "idle",
    name: "worker",
    settings: quick,
  });
  const store = new Redis({ host: redis.host, port: redis.port });
  const { jobs: stream } = keysOf("idle");
  await store.xgroup("CREATE", stream, group, "0", "MKSTREAM");
  const [job] = jobs(1);
  if (job === undefined) throw new Error("no job");
  await connection.enqueue([job]);
  await store.xreadgroup("GROUP", group, "gone", "COUNT", 1, "STREAMS", stream, ">");
  store.disconnect();
  const worker = working(connection);
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "it to be done by another" });
  await worker.stop();
  expect(worker.deliveries).toEqual([{ ...job, attempt: 1 }]);
});
