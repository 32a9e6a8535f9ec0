/** What a worker finds out twice, it starts once. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../std/deadline.ts";
import { deadlineMs, longLeaseMs, workHere } from "../test/engine.ts";
import { startRedis, type TestRedis } from "../test/redis.ts";
import { connectWith } from "./engine.ts";
import { jobType } from "./index.ts";
import { group, keysOf } from "./keys.ts";
import { stepsOn } from "./steps.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis[Symbol.asyncDispose]());

const type = jobType({ name: "job", leaseMs: longLeaseMs });

test("what was taken from the dead, and is found and done before the answer to that comes, is started once", async () => {
  const namespace = "late-answer";
  const { jobs } = keysOf(namespace, "job");
  const looking = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  await using engine = connectWith({ redis, namespace, name: "w" }, (tools) => {
    const steps = stepsOn(tools);
    return {
      ...steps,
      async recover(...which) {
        looking.resolve();
        await taken.promise;
        return steps.recover(...which);
      },
      async claim(...which) {
        const claimed = await steps.claim(...which);
        if (claimed === undefined || claimed.entries.length === 0) return claimed;
        taken.resolve();
        await answered.promise;
        return claimed;
      },
    };
  });
  const client = new Redis(redis);
  await using worker = workHere(engine, type);
  const reader = await eventually(
    async () => /^id=(\d+) .* name=w:reader .* cmd=xreadgroup /m.exec(String(await client.client("LIST")))?.[1],
    { deadlineMs, awaited: "the worker to read" },
  );
  await client.client("KILL", "ID", Number(reader)); // so it looks for what the broker gave it and it never heard of
  await looking.promise;
  await engine.producer(type).enqueue(["left"]);
  await client.xreadgroup("GROUP", group, "ghost", "STREAMS", jobs, ">");
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the job to be found and done" });
  answered.resolve();
  await engine.producer(type).enqueue(["next"]);
  await eventually(() => worker.settlements.length > 1, { deadlineMs, awaited: "the next job" });
  await worker.stop();
  client.disconnect();
  expect(worker.starts).toEqual(["left 1", "next 1"]);
});
