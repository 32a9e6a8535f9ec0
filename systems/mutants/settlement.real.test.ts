/** Each mutant that settles wrongly does what it says, on a real store; the clean engine beside it does not. */
import { expect, test } from "vitest";
import { delayedMember } from "../../engine/redis/entry.ts";
import { group, keysOf } from "../../engine/redis/keys.ts";
import { eventually } from "../../std/deadline.ts";
import { connectTest, jobs, placesOf, working } from "../testing/connect.ts";
import { redis, store } from "../../engine/testing/own-redis.ts";
import type { Delivery, System } from "../contract.ts";
import stream from "../stream.ts";
import ackBeforeProcessing from "./ack-before-processing.ts";
import ackThenDlq from "./ack-then-dlq.ts";
import ackThenRequeue from "./ack-then-requeue.ts";
import attemptsInMemory from "./attempts-in-memory.ts";
import attemptsOffByOne from "./attempts-off-by-one.ts";
import backoffIgnored from "./backoff-ignored.ts";
import deadLetterIncomplete from "./dead-letter-incomplete.ts";
import dlqThenAck from "./dlq-then-ack.ts";
import noFencing from "./no-fencing.ts";
import requeueThenAck from "./requeue-then-ack.ts";
import runsTwice from "./runs-twice.ts";
import swallowsLastError from "./swallows-last-error.ts";

/** A busy machine is ten times slower. */
const deadlineMs = 60_000;

const failing = ({ attempt }: Delivery): never => {
  throw new Error(`attempt ${attempt} failed`);
};

/** How many entries wait or are in hand, how many retries wait, how many are dead, at one moment. */
async function standing(namespace: string): Promise<string> {
  const { jobs, delayed, dead } = keysOf(namespace, "job");
  const counts = await store.multi().xlen(jobs).zcard(delayed).xlen(dead).exec();
  return counts?.map(([, count]) => count).join(" ") ?? "";
}

interface Order {
  readonly name: string;
  readonly system: System;
  readonly attempts: number;
  /** The scripts that settle, and what they do. */
  readonly order: string;
  /** What is left. */
  readonly after: string;
}

const retried = { attempts: 2, after: "0 1 0" };
const dead = { attempts: 1, after: "0 0 1" };
const orders: readonly Order[] = [
  { name: "the engine", system: stream, order: "settle: acknowledge retry", ...retried },
  { name: "requeue-then-ack", system: requeueThenAck, order: "settle: retry settle: acknowledge", ...retried },
  { name: "ack-then-requeue", system: ackThenRequeue, order: "settle: acknowledge settle: retry", ...retried },
  { name: "the engine", system: stream, order: "settle: acknowledge letter", ...dead },
  { name: "dlq-then-ack", system: dlqThenAck, order: "settle: letter settle: acknowledge", ...dead },
  { name: "ack-then-dlq", system: ackThenDlq, order: "settle: acknowledge settle: letter", ...dead },
];

test.each(orders)("$name: $order", async ({ name, system, attempts, order, after }) => {
  const namespace = `torn-${name.replace(" ", "-")}-${attempts}`;
  const keys = keysOf(namespace, "job");
  const monitor = await store.monitor();
  const seen: string[] = [];
  monitor.on("monitor", (_, [command = "", ...args]: readonly string[]) => {
    const does = command.toLowerCase();
    if (does.startsWith("eval") && args.includes(keys.settled) && args.includes(keys.dead)) seen.push("settle:");
    else if (does === "xack" && args[0] === keys.jobs) seen.push("acknowledge");
    else if (does === "zadd" && args[0] === keys.delayed) seen.push("retry");
    else if (does === "xadd" && args[0] === keys.dead) seen.push("letter");
  });
  await using connection = await connectTest(system, redis, {
    namespace,
    name: "w",
    retries: { attempts, backoffMs: 600_000 },
  });
  const { stop } = working(connection, failing);
  await connection.enqueue([{ payload: "torn" }]);
  await eventually(async () => (await standing(namespace)) === after, { deadlineMs, awaited: "the settlement" });
  await stop();
  await eventually(() => seen.length >= order.split(" ").length, { deadlineMs, awaited: "all to be seen" });
  monitor.disconnect();
  // A script that is sent for the first time is sent twice.
  expect(seen.filter((one, at) => one !== "settle:" || seen[at - 1] !== one).join(" ")).toBe(order);
});

test("ack-before-processing: what is being worked stands nowhere", async () => {
  const namespace = "ack-before-processing";
  await using connection = await connectTest(ackBeforeProcessing, redis, { namespace, name: "w" });
  const done = Promise.withResolvers<void>();
  const { deliveries, settlements, stop } = working(connection, () => done.promise);
  await connection.enqueue([{ payload: "held by nobody" }]);
  await eventually(() => deliveries.length === 1, { deadlineMs, awaited: "the job to start" });
  expect(await standing(namespace)).toBe("0 0 0");
  done.resolve();
  await eventually(() => settlements.length === 1, { deadlineMs, awaited: "its settlement" });
  await stop();
});

test.each([
  { name: "no-fencing", system: noFencing, settlement: "accepted" },
  { name: "the engine", system: stream, settlement: "refused" },
])("$name: the settlement of a job that is another's by now is $settlement", async ({ name, system, settlement }) => {
  const namespace = `fence-${name.replace(" ", "-")}`;
  const { jobs } = keysOf(namespace, "job");
  await using connection = await connectTest(system, redis, { namespace, name: "w" });
  const done = Promise.withResolvers<void>();
  const { deliveries, settlements, stop } = working(connection, () => done.promise);
  await connection.enqueue([{ payload: "taken" }]);
  await eventually(() => deliveries.length === 1, { deadlineMs, awaited: "the job to start" });
  const [entry] = await store.xrange(jobs, "-", "+");
  // The other is alive: nobody takes the job from it.
  await store.hset(keysOf(namespace, "job").workers, "other", "1");
  await store.xclaim(jobs, group, "other", 0, entry?.[0] ?? "");
  done.resolve();
  await eventually(() => settlements.length === 1, { deadlineMs, awaited: "its settlement" });
  expect(settlements.map((one) => one.settlement.settlement)).toEqual([settlement]);
  await stop();
});

test.each([
  { name: "attempts-in-memory", system: attemptsInMemory, attempt: 1 },
  { name: "the engine", system: stream, attempt: 2 },
])(
  "$name: a job whose worker died on its second attempt goes on with attempt $attempt",
  async ({ name, system, attempt }) => {
    const namespace = `memory-${name.replace(" ", "-")}`;
    const { jobs } = keysOf(namespace, "job");
    const story = { id: "1-1-0", failures: 1, enqueuedAt: 1, errors: ["the first"] };
    const [meta = "", payload = ""] = delayedMember(story, "again").split("\n");
    await store.xadd(jobs, "*", "m", meta, "p", payload);
    await store.xgroup("CREATE", jobs, group, "0");
    await store.xreadgroup("GROUP", group, "ghost", "STREAMS", jobs, ">");
    await using connection = await connectTest(system, redis, { namespace, name: "w" });
    const { deliveries, stop } = working(connection);
    await eventually(() => deliveries.length === 1, { deadlineMs, awaited: "the job of the dead" });
    await stop();
    expect(deliveries).toEqual([{ payload: "again", attempt }]);
  },
);

test("attempts-off-by-one: three attempts were agreed, and four are made", async () => {
  const retries = { attempts: 3, backoffMs: 10 };
  await using connection = await connectTest(attemptsOffByOne, redis, { namespace: "off-by-one", name: "w", retries });
  const { deliveries, settlements, stop } = working(connection, failing);
  await connection.enqueue([{ payload: "doomed" }]);
  await eventually(() => settlements.length === 1, { deadlineMs, awaited: "it to be dead" });
  await stop();
  expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
});

test("backoff-ignored: a retry that was to wait ten minutes is made at once", async () => {
  const retries = { attempts: 2, backoffMs: 600_000 };
  await using connection = await connectTest(backoffIgnored, redis, { namespace: "at-once", name: "w", retries });
  const { deliveries, stop } = working(connection, failing);
  await connection.enqueue([{ payload: "hurried" }]);
  await eventually(() => deliveries.length === 2, { deadlineMs, awaited: "the retry" });
  await stop();
  expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 2]);
});

test("dead-letter-incomplete: the first error is lacking, and nothing else", async () => {
  const retries = { attempts: 2, backoffMs: 10 };
  await using connection = await connectTest(deadLetterIncomplete, redis, { namespace: "letter", name: "w", retries });
  const { settlements, stop } = working(connection, failing);
  await connection.enqueue([{ payload: "doomed" }]);
  await eventually(() => settlements.length === 1, { deadlineMs, awaited: "it to be dead" });
  await stop();
  const dead = (await placesOf(connection)).find((place) => "entry" in place);
  expect(dead?.entry).toMatchObject({ firstError: "", lastError: "attempt 2 failed", attempts: 2, origin: "job" });
});

test("swallows-last-error: what failed on its last attempt is done, and no dead letter says otherwise", async () => {
  const retries = { attempts: 2, backoffMs: 10 };
  await using connection = await connectTest(swallowsLastError, redis, { namespace: "swallow", name: "w", retries });
  const { deliveries, settlements, stop } = working(connection, failing);
  await connection.enqueue([{ payload: "doomed" }]);
  await eventually(() => settlements.length === 1, { deadlineMs, awaited: "its settlement" });
  await stop();
  expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(settlements.map(({ settlement }) => settlement)).toEqual([{ settlement: "accepted", as: "done" }]);
  expect(await standing("swallow")).toBe("0 0 0");
});

test("runs-twice: one in a hundred jobs is started twice, and settled once", async () => {
  await using connection = await connectTest(runsTwice, redis, { namespace: "twice", name: "w" });
  const { deliveries, settlements, stop } = working(connection);
  await connection.enqueue(jobs(300));
  await eventually(() => settlements.length >= 300, { deadlineMs, awaited: "all settlements" });
  await stop();
  expect([deliveries.length, settlements.length]).toEqual([303, 300]);
});
