/**
 * A user's code at its worst, with a real broker: what it throws, hands over and answers. `test/fuzz/payloads.ts` makes
 * more of it.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";
import { deadlineMs, eventually, within } from "./testing/deadline.ts";
import { jobsOf, lettersOf } from "./testing/jobs.ts";
import { redis } from "./testing/own-redis.ts";
import { untyped } from "./testing/untyped.ts";
import { longLeaseMs, workHere } from "./testing/workers.ts";
import { connect, jobType, json, type Engine } from "./index.ts";

const engineOn = (namespace: string): Engine =>
  connect({ redis: { host: redis.host, port: redis.port }, namespace, name: "test" });

test("whatever a handler throws, its job is dead with a story, and its neighbours are done once", async () => {
  await using engine = engineOn("thrown");
  const type = jobType({ name: "job", attempts: 2, backoff: { baseMs: 0 }, leaseMs: longLeaseMs });
  const noMessage = { get: () => expect.fail("it is looked at") };
  const thrown: Readonly<Record<string, unknown>> = {
    nothing: undefined,
    bare: Object.create(null),
    proxy: new Proxy(new Error("inside"), noMessage),
    message: Object.assign(new Error("a"), { message: { toString: null } }),
    getter: Object.defineProperty(new Error("a"), "message", noMessage),
    long: new Error("😀".repeat(100_000)),
  };
  const hostile = Object.keys(thrown);
  await using worker = workHere(engine, type, async ({ payload }) => {
    if (payload in thrown) throw thrown[payload];
  });
  const neighbours = Array.from({ length: 20 }, (_, n) => `neighbour ${n}`);
  await engine.producer(type).enqueue(jobsOf([...hostile, ...neighbours]));
  const over = (): number => worker.settlements.filter(({ as }) => as !== "retry").length;
  await eventually(() => over() === hostile.length + neighbours.length, { deadlineMs, awaited: "all jobs" });
  await worker.stop();
  const twice = hostile.flatMap((name) => [`${name} 1`, `${name} 2`]);
  expect(worker.starts.toSorted()).toEqual([...twice, ...neighbours.map((name) => `${name} 1`)].toSorted());
  const letters = new Map((await lettersOf(engine, type)).map((letter) => [letter.payload, letter]));
  expect([...letters].map(([payload, { attempts, lastError }]) => [payload, attempts, lastError.slice(0, 30)])).toEqual(
    expect.arrayContaining([
      ["nothing", 2, "undefined was thrown"],
      ["bare", 2, "an object was thrown"],
      ["proxy", 2, expect.stringMatching(/./)],
      ["message", 2, "an object"],
      ["getter", 2, "Error"],
      ["long", 2, "😀".repeat(15)],
    ]),
  );
  expect(letters.get("long")?.lastError).toBe(`${"😀".repeat(499)}…`);
});

test("a dead letter says what happened below, and where; and is found by that, and by no name of a file", async () => {
  await using engine = engineOn("story");
  const type = jobType({ name: "job", attempts: 1, leaseMs: longLeaseMs });
  await using worker = workHere(engine, type, async () => {
    await fetch("http://127.0.0.1:1/").catch((cause: unknown) => {
      throw new AggregateError([cause, new RangeError("of two")], "both failed");
    });
  });
  await engine.producer(type).enqueue([{ payload: "a" }]);
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "it to be dead" });
  await worker.stop();
  const [letter] = await lettersOf(engine, type);
  expect(letter?.lastError.split("\n").map((line) => line.trim())).toEqual([
    "AggregateError: both failed",
    "with TypeError: fetch failed",
    expect.stringMatching(/^caused by .+/),
    "with RangeError: of two",
  ]);
  expect(letter?.stack).toMatch(/^at .*user-code\.real\.test\.ts/);
  expect(await lettersOf(engine, type, { error: "of two" })).toHaveLength(1);
  expect(await lettersOf(engine, type, { error: "user-code" })).toEqual([]);
});

test("what its type does not take is the caller's error, by its place in the list, and nothing of that enqueue is written", async () => {
  await using engine = engineOn("refused");
  const text = jobType({ name: "text" });
  const anything = jobType({ name: "json", payload: json(z.any()) });
  const texts = engine.producer<unknown>({ ...text, payload: text.payload });
  for (const wrong of [undefined, {}, 5, null, "half \ud83d", () => {}])
    await expect(texts.enqueue(jobsOf(["fine", wrong]))).rejects.toThrow("text does not take job 1");
  for (const wrong of [undefined, () => {}, Symbol("s"), { a: Number.NaN }, new Map([[1, 2]])])
    await expect(engine.producer(anything).enqueue(jobsOf(["fine", wrong]))).rejects.toThrow(
      "json does not take job 1",
    );
  const holes: { readonly payload: unknown }[] = [{ payload: "fine" }];
  holes.length = 2;
  await expect(texts.enqueue(holes)).rejects.toThrow("enqueue: job 1 must be an object");
  await expect(texts.enqueue(untyped("abc"))).rejects.toThrow("a list of jobs");
  for (const key of ["a\ud83d", "\ude00", untyped(5), untyped({})])
    await expect(texts.enqueue([{ payload: "fine", key }])).rejects.toThrow(RangeError);
  expect(await engine.depth(text)).toBe(0);
  expect(await engine.depth(anything)).toBe(0);
});

test("keys that differ in a character beyond the basic plane are two keys", async () => {
  await using engine = engineOn("keys");
  const type = jobType({ name: "job" });
  const receipts = await engine.producer(type).enqueue(jobsOf(["😀", "😁"], (key) => ({ key })));
  expect(receipts.some((receipt) => "duplicate" in receipt)).toBe(false);
});

test("where `onStuck` fails, its process ends all the same", async () => {
  const args = [fileURLToPath(new URL("testing/stuck-process.ts", import.meta.url)), String(redis.port)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const code = new Promise((resolve) => child.once("close", resolve));
  try {
    expect(await within(code, deadlineMs, "the process to end")).toBe(70);
  } finally {
    child.kill("SIGKILL");
  }
  expect(errors).toContain("told: an object was thrown");
  expect(errors).toContain("only the end of its process ends it");
});
