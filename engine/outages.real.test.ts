/**
 * A minute without a broker, without a link, and with another broker afterwards: work goes on by itself, soon after the
 * heal.
 */
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { deadlineMs, eventually, pause, slackMs } from "./testing/deadline.ts";
import { heldBy, jobsOf } from "./testing/jobs.ts";
import { startRedis } from "./testing/redis.ts";
import { startProxy } from "./testing/tcp-proxy.ts";
import { type InProcess, workHere } from "./testing/workers.ts";
import { nowMs } from "./std/clock.ts";
import { connect, jobType, type Engine, type Producer } from "./index.ts";

const outageMs = 60_000;
const soonMs = 5000;

/** Its lease is as short as it is by default: a minute is many of them. */
const type = jobType({ name: "job" });
const patient = (engine: Engine): Producer<string> => engine.producer(type, { deadlineMs: 300_000 });

/** A worker in whose hands one job stays until it is let go. */
function holding(engine: Engine): { readonly worker: InProcess; letGo(): void } {
  const gate = Promise.withResolvers<void>();
  const worker = workHere(engine, type, ({ payload }) => (payload === "held" ? gate.promise : Promise.resolve()));
  return { worker, letGo: gate.resolve };
}

const doneBy = (...workers: readonly InProcess[]): readonly string[] =>
  workers
    .flatMap(({ settlements }) => settlements)
    .flatMap(({ as, fate, job }) => (as === "done" && fate === "accepted" ? [job.text] : []))
    .toSorted();

const holdsOne = (worker: InProcess): Promise<unknown> =>
  eventually(() => worker.starts.includes("held 1") && doneBy(worker).length === 1, {
    deadlineMs,
    awaited: "one job to be done, one in hand",
  });

async function goesOnSince(healedAt: number, worker: InProcess, payload: string): Promise<void> {
  await eventually(() => worker.starts.includes(`${payload} 1`), { deadlineMs, awaited: "a job after the heal" });
  expect(nowMs() - healedAt).toBeLessThan(soonMs + slackMs);
}

test.concurrent("a broker that is away for a minute", async () => {
  await using redis = await startRedis();
  await using engine = connect({ redis, namespace: "away" });
  const producer = patient(engine);
  const { worker, letGo } = holding(engine);
  await using _ = worker;
  await producer.enqueue(jobsOf(["before", "held"]));
  await holdsOne(worker);
  await redis.stop();
  letGo();
  const during = producer.enqueue([{ payload: "during" }]);
  await pause(outageMs);
  await redis.start();
  await goesOnSince(nowMs(), worker, "during");
  expect(await during).toMatchObject([{ outcome: "ok" }]);
  await worker.stop();
  expect(doneBy(worker)).toEqual(["before", "during", "held"]);
  expect(await heldBy(engine, type)).toEqual([]);
});

test.concurrent("a worker whose sockets lie in a black hole for a minute", async () => {
  await using redis = await startRedis();
  await using proxy = await startProxy(redis);
  await using far = connect({ redis: proxy, namespace: "black-hole" });
  await using near = connect({ redis, namespace: "black-hole" });
  const { worker, letGo } = holding(far);
  await using _ = worker;
  const producer = patient(near);
  await producer.enqueue(jobsOf(["before", "held"]));
  await holdsOne(worker);
  proxy.set("black-hole");
  await using other = workHere(near, type);
  await pause(outageMs);
  await eventually(() => doneBy(other).length === 1, { deadlineMs, awaited: "another to have taken it over" });
  await other.stop();
  proxy.set("pass");
  const healedAt = nowMs();
  letGo();
  await producer.enqueue([{ payload: "after" }]);
  await goesOnSince(healedAt, worker, "after");
  await worker.stop();
  expect(doneBy(worker, other)).toEqual(["after", "before", "held"]);
  expect(await heldBy(near, type)).toEqual([]);
});

test.concurrent("a failover that takes a minute", async () => {
  await using primary = await startRedis();
  await using replica = await startRedis();
  const store = new Redis({ host: primary.host, port: primary.port });
  const promoted = new Redis({ host: replica.host, port: replica.port });
  await promoted.replicaof(primary.host, primary.port);
  const address = { host: primary.host, port: primary.port };
  await using proxy = await startProxy(address); // as a service's address that moves on to the new primary
  await using engine = connect({ redis: proxy, namespace: "failover" });
  const producer = patient(engine);
  const { worker, letGo } = holding(engine);
  await using _ = worker;
  await producer.enqueue(jobsOf(["before", "held"]));
  await holdsOne(worker);
  // What the replica has not got when the primary dies is gone, whatever a client does.
  await eventually(async () => (await store.wait(1, 1000)) === 1, {
    deadlineMs,
    awaited: "the replica to have it all",
  });
  store.disconnect();
  await primary.stop("SIGKILL");
  const during = producer.enqueue([{ payload: "during" }]);
  await pause(outageMs);
  await promoted.replicaof("NO", "ONE");
  address.port = replica.port;
  const healedAt = nowMs();
  letGo();
  await goesOnSince(healedAt, worker, "during");
  expect(await during).toMatchObject([{ outcome: "ok" }]);
  await worker.stop();
  expect(doneBy(worker)).toEqual(["before", "during", "held"]);
  expect(await heldBy(engine, type)).toEqual([]);
  promoted.disconnect();
});
