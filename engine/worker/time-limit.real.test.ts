/**
 * Handlers that take too long: told to give way, failed when they do, and ended with their process when they do not.
 */
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { deadlineMs, eventually } from "../testing/deadline.ts";
import { heldBy, jobsOf } from "../testing/jobs.ts";
import { redis } from "../testing/own-redis.ts";
import { leaseMs, longLeaseMs, workElsewhere, workHere } from "../testing/workers.ts";
import { connect, jobType, type Engine } from "../index.ts";
import { group, keysOf, released } from "../redis/keys.ts";

const engineOn = (namespace: string): Engine =>
  connect({ redis: { host: redis.host, port: redis.port }, namespace, name: "test" });
const whenAborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(signal.reason));
  });

test("what gives way at its timeout has failed and says so; what ends in spite of it is done", async () => {
  await using engine = engineOn("gives-way");
  const type = jobType({ name: "job", leaseMs: longLeaseMs, timeoutMs: 200, attempts: 2, backoff: { baseMs: 0 } });
  await engine.producer(type).enqueue(jobsOf(["gives way", "ends", "own words", "quick"]));
  await using worker = workHere(engine, type, async ({ payload }, signal) => {
    if (payload === "quick") return;
    const reason = await whenAborted(signal);
    if (payload === "gives way") throw reason;
    if (payload === "own words") throw new Error("interrupted");
  });
  await eventually(() => worker.settlements.length === 6, { deadlineMs, awaited: "all settlements" });
  await worker.stop();
  expect(worker.starts.toSorted()).toEqual([
    "ends 1",
    "gives way 1",
    "gives way 2",
    "own words 1",
    "own words 2",
    "quick 1",
  ]);
  const letters = (await heldBy(engine, type)).flatMap((found) =>
    "letter" in found ? [[found.payload, found.letter.attempts, found.letter.lastError]] : [],
  );
  expect(letters.toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
    ["gives way", 2, "TimeoutError: it took longer than its timeout of 200 ms"],
    ["own words", 2, "interrupted"],
  ]);
});

test("who stops a worker within the time of a job calls it back, and it has not failed", async () => {
  await using engine = engineOn("stopped");
  const type = jobType({ name: "job", leaseMs: longLeaseMs, timeoutMs: 60_000 });
  await engine.producer(type).enqueue([{ payload: "long" }]);
  const first = workHere(
    engine,
    type,
    async (_, signal) => {
      throw await whenAborted(signal);
    },
    { graceMs: 50 },
  );
  await eventually(() => first.starts.length === 1, { deadlineMs, awaited: "the job to start" });
  await first.stop();
  await using second = workHere(engine, type);
  await eventually(() => second.settlements.length === 1, { deadlineMs, awaited: "the job to be done" });
  expect(second.starts).toEqual(["long 1"]);
});

test("what does not give way ends its process, and starts again only after that, under the same attempt", async () => {
  await using engine = engineOn("stuck");
  const type = jobType({ name: "job", leaseMs });
  await engine.producer(type).enqueue([{ payload: "stuck" }]);
  await using doomed = workElsewhere(redis.port, "stuck", "never", 1, 500);
  await eventually(() => doomed.lines().includes("start stuck"), { deadlineMs, awaited: "it to start" });
  const wasGone: boolean[] = [];
  await using worker = workHere(engine, type, async () => void wasGone.push(doomed.isGone()));
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the job to be done elsewhere" });
  expect(wasGone).toEqual([true]);
  expect(worker.starts).toEqual(["stuck 1"]);
  expect(await doomed.stop()).toBe(70);
  await worker.stop();
  expect(await heldBy(engine, type)).toEqual([]);
});

test("before its process ends, all else that runs in it is handed back, uncounted, and nothing else is", async () => {
  await using engine = engineOn("hand-back");
  await using doomed = workElsewhere(redis.port, "hand-back", "never", 1, 500);
  await engine.producer(jobType({ name: "beside" })).enqueue([{ payload: "innocent" }]);
  await eventually(() => doomed.lines().includes("start innocent"), { deadlineMs, awaited: "it to start" });
  await engine.producer(jobType({ name: "job" })).enqueue([{ payload: "stuck" }]);
  await eventually(() => doomed.isGone(), { deadlineMs, awaited: "the process to end" });
  const store = new Redis({ host: redis.host, port: redis.port });
  const owners = async (name: string): Promise<unknown> => {
    const rows = await store.xpending(keysOf("hand-back", name).jobs, group, "-", "+", 10);
    return rows.map((row) => (Array.isArray(row) ? [String(row[1]).split(":")[0], row[3]] : row));
  };
  expect(await owners("beside")).toEqual([[released, 0]]);
  expect(await owners("job")).toEqual([["process", 1]]);
  store.disconnect();
});
