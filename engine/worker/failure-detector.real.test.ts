/**
 * What one worker saw of another's silence is known to those who come after it: a fleet whose workers live shortly
 * still finds its dead.
 */
import { expect, test } from "vitest";
import { deadlineMs, eventually } from "../testing/deadline.ts";
import { redis, store } from "../testing/own-redis.ts";
import { workHere } from "../testing/workers.ts";
import { connect, jobType, type Engine } from "../index.ts";
import { group, keysOf } from "../redis/keys.ts";

/** Nobody in this file waits for so long. */
const leaseMs = 3_600_000;
const type = jobType({ name: "job", leaseMs });
const engineOn = (namespace: string): Engine =>
  connect({ redis: { host: redis.host, port: redis.port }, namespace, name: namespace });

/** A job in the hands of a worker that gives no sign of life any more. */
async function heldByGhost(namespace: string, engine: Engine): Promise<void> {
  const { jobs, workers } = keysOf(namespace, "job");
  await engine.producer(type).enqueue([{ payload: "held" }]);
  await store.xgroup("CREATE", jobs, group, "0");
  await store.hset(workers, "ghost", 7);
  await store.xreadgroup("GROUP", group, "ghost", "COUNT", 1, "STREAMS", jobs, ">");
}

test("who comes when all who saw it are gone goes on from what they told", async () => {
  await using engine = engineOn("told");
  await heldByGhost("told", engine);
  await store.hset(keysOf("told", "job").watched, "ghost", `7 ${leaseMs - 100}`);
  await using worker = workHere(engine, type, async () => {}, { sweepMs: 50 });
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the job to be taken over" });
  expect(worker.starts).toEqual(["held 1"]);
});

test("what was told of another counter is nobody's silence", async () => {
  await using engine = engineOn("moved");
  await heldByGhost("moved", engine);
  await store.hset(keysOf("moved", "job").watched, "ghost", `6 ${leaseMs}`);
  await using worker = workHere(engine, type, async () => {}, { sweepMs: 50 });
  await engine.producer(type).enqueue([{ payload: "other" }]);
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the other job to be done" });
  // It has looked around by then, as every worker does before it takes anything.
  expect([worker.starts, await store.hget(keysOf("moved", "job").workers, "ghost")]).toEqual([["other 1"], "7"]);
});

test("silence is told while it lasts, and not for ever", async () => {
  await using engine = engineOn("tells");
  await heldByGhost("tells", engine);
  const { watched } = keysOf("tells", "job");
  await using _ = workHere(engine, type, async () => {}, { sweepMs: 50 });
  const told = await eventually(async () => (await store.hget(watched, "ghost")) ?? undefined, {
    deadlineMs,
    awaited: "its silence to be told",
  });
  expect(told).toMatch(/^7 [3-9]\d{3,}$/);
  const keptMs = await store.pttl(watched);
  expect(keptMs).toBeGreaterThan(leaseMs);
  expect(keptMs).toBeLessThanOrEqual(3 * leaseMs);
});
