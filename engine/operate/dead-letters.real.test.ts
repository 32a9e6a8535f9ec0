/**
 * What is done with dead letters: by one operator or two, again, in vain, half-way, and on a broker that is full or
 * gone.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { deadlineMs, eventually, within } from "../testing/deadline.ts";
import { heldBy, jobsOf, kill, lettersOf } from "../testing/jobs.ts";
import { redis } from "../testing/own-redis.ts";
import { startRedis } from "../testing/redis.ts";
import { startProxy } from "../testing/tcp-proxy.ts";
import { longLeaseMs, workHere } from "../testing/workers.ts";
import { openBroker } from "../redis/broker.ts";
import { deadLettersOf, replayScript, type DeadJob, type DeadLetterFilter } from "./dead-letters.ts";
import { connect, jobType, type Engine } from "../index.ts";
import { keysOf } from "../redis/keys.ts";
import { scriptOf } from "../redis/script.ts";

const type = jobType({ name: "job", leaseMs: longLeaseMs, attempts: 1 });

const engineOn = (namespace: string, { host, port }: { host: string; port: number } = redis): Engine =>
  connect({ redis: { host, port }, namespace, name: "test" });
const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `job ${n}\n"ü"`);

/** Where each job stands; twice, where it stands twice. */
async function places(
  engine: Engine,
): Promise<{ readonly waiting: number; readonly dead: number; readonly jobs: number }> {
  const found = (await heldBy(engine, type)).flatMap((one) => ("at" in one ? [one] : []));
  return {
    waiting: found.filter(({ at }) => at === "waiting").length,
    dead: found.filter(({ at }) => at === "dead").length,
    jobs: new Set(found.map(({ id }) => id)).size,
  };
}

test("the list has every letter with its id, oldest first, and only those that are asked for", async () => {
  await using engine = engineOn("list");
  expect(await lettersOf(engine, type)).toEqual([]);
  const payloads = numbered(250); // more than two pages
  await kill(engine, type, payloads);
  const letters = await lettersOf(engine, type);
  expect(letters.map(({ payload }) => payload)).toEqual(payloads);
  expect(new Set(letters.map(({ id }) => id)).size).toBe(250);
  const [first, middle, last] = [letters[0], letters[120], letters[249]];
  if (first === undefined || middle === undefined || last === undefined) throw new Error("too few letters");
  expect(first).toMatchObject({ origin: "job", attempts: 1, lastError: `${payloads[0]} failed on 1` });

  const listed = async (which: DeadLetterFilter): Promise<readonly string[]> =>
    (await lettersOf(engine, type, which)).map(({ id }) => id);
  const those = (fits: (letter: DeadJob) => boolean): readonly string[] => letters.filter(fits).map(({ id }) => id);
  expect(await listed({ since: middle.failedAt })).toEqual(those(({ failedAt }) => failedAt >= middle.failedAt));
  expect(await listed({ until: middle.failedAt })).toEqual(those(({ failedAt }) => failedAt < middle.failedAt));
  expect(await listed({ error: "job 24" })).toEqual(those(({ payload }) => payload.startsWith("job 24")));
  expect(await listed({ after: middle.id })).toEqual(those((letter) => letters.indexOf(letter) > 120));
  expect(await listed({ after: last.id })).toEqual([]);
});

test("what is no id and no time is the caller's error, and nothing is done", async () => {
  await using engine = engineOn("mistakes");
  await kill(engine, type, ["a", "b"]);
  const dead = engine.deadLetters(type);
  const [first] = await lettersOf(engine, type);
  for (const id of ["", "-", "+", "*", first?.id.split("-")[0] ?? "", `(${first?.id}`]) {
    await expect(dead.replay([first?.id ?? "", id])).rejects.toThrow(RangeError);
    await expect(dead.purge([first?.id ?? "", id])).rejects.toThrow(RangeError);
    await expect(lettersOf(engine, type, { after: id })).rejects.toThrow(RangeError);
  }
  await expect(dead.purge({ since: Number.NaN })).rejects.toThrow(RangeError);
  expect(await places(engine)).toEqual({ waiting: 0, dead: 2, jobs: 2 });
});

test("a job that is put back has all its attempts before it, and keeps its id, payload, origin and time", async () => {
  await using engine = engineOn("reset");
  const twice = jobType({ name: "job", leaseMs: longLeaseMs, attempts: 2, backoff: { baseMs: 10 } });
  await kill(engine, twice, ["a\nb", "other"]);
  const [letter] = await lettersOf(engine, type, { error: "a\nb" });
  if (letter === undefined) throw new Error("no letter");
  expect(await engine.deadLetters(twice).replay([letter.id])).toBe(1);
  expect(await places(engine)).toEqual({ waiting: 1, dead: 1, jobs: 2 });
  expect(await engine.depth(twice)).toBe(1);
  await using worker = workHere(engine, twice, async ({ id, enqueuedAt, attempt }) => {
    expect({ id, enqueuedAt }).toEqual({ id: letter.job, enqueuedAt: letter.enqueuedAt });
    throw new Error(`again ${attempt}`);
  });
  await eventually(() => worker.settlements.length === 2, { deadlineMs, awaited: "it to die again" });
  await worker.stop();
  expect(worker.starts).toEqual(["a\nb 1", "a\nb 2"]);
  const [again] = await lettersOf(engine, type, { error: "again" });
  expect(again).toMatchObject({
    job: letter.job,
    payload: letter.payload,
    origin: letter.origin,
    enqueuedAt: letter.enqueuedAt,
    attempts: 2,
    firstError: "again 1",
    lastError: "again 2",
  });
  expect(again?.id).not.toBe(letter.id);
});

test("a replay of everything ends, though what it puts back dies again at once", async () => {
  await using engine = engineOn("chase");
  await kill(engine, type, numbered(300));
  await using worker = workHere(engine, type, async () => {
    throw new Error("again");
  });
  expect(await engine.deadLetters(type).replay({})).toBe(300);
  await eventually(() => worker.settlements.length === 300, { deadlineMs, awaited: "all to die again" });
  await worker.stop();
  expect(await places(engine)).toEqual({ waiting: 0, dead: 300, jobs: 300 });
});

test("what is replayed again, or by two at once, is put back once", async () => {
  await using one = engineOn("two");
  await using other = engineOn("two");
  await kill(one, type, numbered(1000));
  const ids = (await lettersOf(one, type)).map(({ id }) => id);
  const put = await Promise.all([
    one.deadLetters(type).replay({}),
    other.deadLetters(type).replay({}),
    one.deadLetters(type).replay([...ids, ...ids]),
    other.deadLetters(type).replay(ids.toReversed()),
  ]);
  expect(put.reduce((a, b) => a + b)).toBe(1000);
  expect(await one.deadLetters(type).replay(ids)).toBe(0);
  expect(await places(one)).toEqual({ waiting: 1000, dead: 0, jobs: 1000 });
});

test("a replay whose answer is lost is the caller's to repeat, and puts nothing back twice", async () => {
  await using proxy = await startProxy(redis);
  await using far = engineOn("lost-reply", proxy);
  await using near = engineOn("lost-reply");
  await kill(near, type, numbered(50));
  const ids = (await lettersOf(near, type)).map(({ id }) => id);
  expect(await far.deadLetters(type).replay([])).toBe(0); // it is connected
  proxy.set("drop-replies");
  await expect(far.deadLetters(type).replay(ids)).rejects.toThrow("replay: ");
  proxy.set("pass");
  proxy.cut();
  expect(await places(near)).toEqual({ waiting: 50, dead: 0, jobs: 50 });
  await eventually(
    () =>
      far
        .deadLetters(type)
        .replay(ids)
        .then(
          (count) => count === 0,
          () => false,
        ),
    {
      deadlineMs,
      awaited: "the repetition to be answered",
    },
  );
  expect(await places(near)).toEqual({ waiting: 50, dead: 0, jobs: 50 });
});

test("an operator who is killed between two pages leaves every job in one place, and another goes on from there", async () => {
  const count = 1500;
  await using proxy = await startProxy(redis);
  await using engine = engineOn("killed");
  await kill(engine, type, numbered(count));
  const store = new Redis(redis.port, redis.host);
  const operator = spawn(
    process.execPath,
    [fileURLToPath(new URL("../testing/operator-process.ts", import.meta.url)), String(proxy.port), "killed"],
    { stdio: ["pipe", "inherit", "inherit"] },
  );
  const exited = once(operator, "exit");
  const { dead } = keysOf("killed", "job");
  try {
    await eventually(async () => (await store.xlen(dead)) < count, { deadlineMs, everyMs: 5, awaited: "a page" });
    proxy.set("black-hole"); // it gets no further
  } finally {
    operator.kill("SIGKILL");
    await within(exited, deadlineMs, "the operator to be gone");
    store.disconnect();
  }
  const left = await places(engine);
  expect(left.dead).toBeGreaterThan(0);
  expect(left).toEqual({ waiting: count - left.dead, dead: left.dead, jobs: count });
  expect(await engine.deadLetters(type).replay({})).toBe(left.dead);
  expect(await places(engine)).toEqual({ waiting: count, dead: 0, jobs: count });
});

test("a full broker puts dead jobs back to work", async () => {
  await using full = await startRedis(["--maxmemory", "6mb", "--maxmemory-policy", "noeviction"]);
  await using engine = engineOn("full", full);
  await kill(engine, type, numbered(200));
  const producer = engine.producer(type, { deadlineMs: 20_000 });
  let accepted = 0;
  await eventually(
    async () => {
      const receipts = await producer.enqueue(jobsOf(Array.from({ length: 50 }, () => "x".repeat(2000))));
      accepted += receipts.filter(({ outcome }) => outcome === "ok").length;
      return receipts.some(({ outcome }) => outcome === "refused");
    },
    { deadlineMs, everyMs: 0, awaited: "the broker to be full" },
  );
  expect(await engine.deadLetters(type).replay({})).toBe(200);
  expect(await places(engine)).toEqual({ waiting: accepted + 200, dead: 0, jobs: accepted + 200 });
  await using worker = workHere(engine, type);
  await eventually(() => worker.settlements.length === accepted + 200, { deadlineMs, awaited: "all to be done" });
  await worker.stop();
  expect(await heldBy(engine, type)).toEqual([]);
});

test("what is purged is gone, once, and nothing else is", async () => {
  await using engine = engineOn("purge");
  await kill(engine, type, numbered(250));
  const dead = engine.deadLetters(type);
  const ids = (await lettersOf(engine, type, { error: "job 24" })).map(({ id }) => id);
  expect(await dead.purge(ids)).toBe(11);
  expect(await dead.purge(ids)).toBe(0);
  expect(await dead.replay(ids)).toBe(0);
  expect(await places(engine)).toEqual({ waiting: 0, dead: 239, jobs: 239 });
  expect(await dead.purge({})).toBe(239);
  expect(await heldBy(engine, type)).toEqual([]);
});

test("a broker that is away is an error, not an empty list", async () => {
  await using broker = await startRedis();
  await using engine = engineOn("away", broker);
  await kill(engine, type, ["a"]);
  await broker.stop();
  await expect(lettersOf(engine, type)).rejects.toThrow("XREVRANGE: ");
  await expect(engine.deadLetters(type).replay({})).rejects.toThrow("XREVRANGE: ");
  await expect(engine.deadLetters(type).purge(["1-1"])).rejects.toThrow("purge: ");
});

/** What `places` must find out: a replay that takes no care of who removed the letter, and one that only removes it. */
test.each([
  { broken: "leaves the letter", line: "redis.call('XDEL', KEYS[1], id)", found: { waiting: 6, dead: 3, jobs: 3 } },
  {
    broken: "loses the job",
    line: "redis.call('XADD', KEYS[2], '*', 'm', meta, 'p', payload)",
    found: { waiting: 0, dead: 0, jobs: 0 },
  },
])("a replay that $broken is found out", async ({ broken, line, found }) => {
  await using engine = engineOn(broken);
  await kill(engine, type, ["a", "b", "c"]);
  const lua = replayScript.lua.replace(line, "");
  expect(lua).not.toBe(replayScript.lua);
  const broker = openBroker({ to: { host: redis.host, port: redis.port }, name: "broken" }, () => {});
  const keys = keysOf(broken, "job");
  const dead = deadLettersOf([{ broker, keys, jobs: new Map([["", keys.jobs]]) }], scriptOf(lua));
  await dead.replay({});
  await dead.replay({});
  broker.close();
  expect(await places(engine)).toEqual(found);
});
