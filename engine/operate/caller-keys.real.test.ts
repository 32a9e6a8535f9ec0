/** A caller's key is known for as long as its job can be found, can be asked about, and can be freed. */
import { expect, test } from "vitest";
import { deadlineMs, eventually } from "../testing/deadline.ts";
import { heldBy, jobsOf, lettersOf } from "../testing/jobs.ts";
import { redis, store } from "../testing/own-redis.ts";
import { longLeaseMs, workHere } from "../testing/workers.ts";
import { changedScript } from "../testing/changed-script.ts";
import { stepBytesMax } from "../redis/bounds.ts";
import { openBroker } from "../redis/broker.ts";
import { connect, jobType, type Engine, type JobType, type NewJob, type Receipt } from "../index.ts";
import { keysOf } from "../redis/keys.ts";
import { script } from "../redis/script.ts";

const type = jobType({ name: "job", leaseMs: longLeaseMs, attempts: 2, backoff: { baseMs: 10 } });
const spread = jobType({ ...type, payload: type.payload, shards: 3, priorities: { high: 3, low: 1 } });
const odd = ["plain", "with space", " in front", 'quo"te\\', "line\nfeed\u0000", "a@b 1", "ключ 🔑", "=1", "-"];

const engineOn = (namespace: string): Engine =>
  connect({ redis: { host: redis.host, port: redis.port }, namespace, name: "test" });

async function enqueued(
  engine: Engine,
  of: JobType<string>,
  keys: readonly string[],
  more: Pick<NewJob<string>, "delayMs" | "priority"> = {},
): Promise<readonly Extract<Receipt, { outcome: "ok" }>[]> {
  const receipts = await engine.producer(of).enqueue(jobsOf(keys, (key) => ({ ...more, key })));
  return receipts.map((receipt) => {
    if (receipt.outcome !== "ok") throw new Error(`${receipt.outcome}: ${receipt.why}`);
    return receipt;
  });
}

/** All that is there dies, after its retries. */
async function die(engine: Engine, of: JobType<string>, count: number): Promise<void> {
  await using worker = workHere(engine, of, async () => {
    throw new Error("it always fails");
  });
  await eventually(() => worker.settlements.filter(({ as }) => as === "dead").length === count, {
    deadlineMs,
    awaited: "all to be dead",
  });
  await worker.stop();
}

test.each([
  { how: "at once", of: type, more: {} },
  { how: "delayed", of: type, more: { delayMs: 20 } },
  { how: "in shards and priorities", of: spread, more: { priority: "low" } },
])(
  "$how: a dead letter keeps its key until it is purged; then the same enqueue is written anew",
  async ({ how, of, more }) => {
    await using engine = engineOn(`purge ${how}`);
    const first = await enqueued(engine, of, odd, more);
    await die(engine, of, odd.length);
    const letters = await lettersOf(engine, of);
    expect(new Set(letters.map(({ key }) => key))).toEqual(new Set(odd));
    const again = await enqueued(engine, of, odd, more);
    expect(again).toEqual(first.map(({ id }) => ({ outcome: "ok", id, duplicate: true })));

    const [kept, ...thrown] = letters;
    expect(await engine.deadLetters(of).purge(thrown.map(({ id }) => id))).toBe(odd.length - 1);
    const anew = await enqueued(engine, of, odd, more);
    expect(anew.filter(({ duplicate }) => duplicate)).toEqual([{ outcome: "ok", id: kept?.job, duplicate: true }]);
    for (const { id } of anew) expect(await engine.find(of, id)).toBeDefined();
  },
);

test("a letter that is put back keeps its key, and frees it when it is purged after it died again", async () => {
  await using engine = engineOn("replayed");
  const [first] = await enqueued(engine, type, ['k "1"\n']);
  await die(engine, type, 1);
  expect(await engine.deadLetters(type).replay({})).toBe(1);
  expect(await enqueued(engine, type, ['k "1"\n'])).toEqual([{ outcome: "ok", id: first?.id, duplicate: true }]);
  await die(engine, type, 1);
  expect(await engine.deadLetters(type).purge({})).toBe(1);
  const [second] = await enqueued(engine, type, ['k "1"\n']);
  expect(second).toEqual({ outcome: "ok", id: expect.not.stringMatching(first?.id ?? "") });
});

test("a key that another job has by now stays that job's", async () => {
  await using engine = engineOn("another");
  await enqueued(engine, type, ["k"]);
  await die(engine, type, 1);
  expect(await engine.keys(type).forget("k")).toBe(true);
  const [second] = await enqueued(engine, type, ["k"]);
  expect(await engine.deadLetters(type).purge({})).toBe(1);
  expect(await enqueued(engine, type, ["k"])).toEqual([{ outcome: "ok", id: second?.id, duplicate: true }]);
});

test("what may not stay among the dead frees its key as well", async () => {
  await using engine = engineOn("retention");
  const keys = Array.from({ length: 30 }, (_, n) => `k${n}`);
  await enqueued(engine, type, keys);
  await die(engine, type, 30);
  let removed = 0;
  const deadLetters = { countMax: 10, removed: (count: number): void => void (removed += count) };
  await using worker = workHere(engine, jobType({ name: "job", leaseMs: longLeaseMs }), async () => {}, {
    deadLetters,
  });
  await eventually(() => removed === 20, { deadlineMs, awaited: "what is too much to be removed" });
  await worker.stop();
  const letters = new Set((await lettersOf(engine, type)).map(({ job }) => job));
  const again = await enqueued(engine, type, keys);
  expect(again.filter(({ duplicate }) => duplicate).length).toBe(10);
  expect(again.every(({ id, duplicate }) => duplicate !== true || letters.has(id))).toBe(true);
});

test("a key can be asked about and freed, in every shard, before and after a turn", async () => {
  await using engine = engineOn("asked");
  const keys = engine.keys(spread);
  const written = await enqueued(engine, spread, odd, { priority: "high" });
  const found = (): Promise<readonly (string | undefined)[]> => Promise.all(odd.map((key) => keys.find(key)));
  expect(await found()).toEqual(written.map(({ id }) => id));
  const names = await store.keys("asked:*:known");
  expect(names.length).toBeGreaterThan(1);
  for (const name of names) await store.rename(name, `${name}-before`);
  expect(await found()).toEqual(written.map(({ id }) => id));
  expect(await keys.find("never")).toBeUndefined();
  expect(await keys.forget("never")).toBe(false);
  for (const key of odd) expect([await keys.forget(key), await keys.forget(key)]).toEqual([true, false]);
  expect(await found()).toEqual(odd.map(() => undefined));
  const again = await enqueued(engine, spread, odd, { priority: "high" });
  expect(again.filter(({ duplicate }) => duplicate)).toEqual([]);
});

test("nothing of a key is left when its job is done but the key", async () => {
  await using engine = engineOn("done");
  await using worker = workHere(engine, type);
  await enqueued(engine, type, odd);
  await eventually(() => worker.settlements.length === odd.length, { deadlineMs, awaited: "all jobs" });
  await worker.stop();
  expect(worker.starts.toSorted()).toEqual(odd.map((key) => `${key} 1`).toSorted());
  expect(await heldBy(engine, type)).toEqual([]);
  expect(await store.hlen(keysOf("done", "job").known)).toBe(odd.length);
});

/** What the tests above must find out. */
test.each([
  {
    broken: "keeps the key",
    change: { "redis.call('HDEL', keys, key)": "" },
    found: "a duplicate of a job that is nowhere",
  },
  {
    broken: "frees whatever is under that key",
    change: { "redis.call('HGET', keys, key) == field['job']": "true" },
    found: "a second job beside the one that waits",
  },
])("a purge that $broken is found out", async ({ broken, change, found }) => {
  await using engine = engineOn(broken);
  await enqueued(engine, type, ["k"]);
  await die(engine, type, 1);
  const letters = await lettersOf(engine, type);
  const isAnothers = found.startsWith("a second");
  if (isAnothers) {
    await engine.keys(type).forget("k");
    await enqueued(engine, type, ["k"]);
  }
  const broker = openBroker({ to: { host: redis.host, port: redis.port }, name: "broken" }, () => {});
  const { dead, known, knownBefore } = keysOf(broken, "job");
  await broker.whenReady();
  await broker.run(
    changedScript(script("purge"), change),
    [dead, known, knownBefore],
    [stepBytesMax, ...letters.map(({ id }) => id)],
  );
  broker.close();
  const [again] = await enqueued(engine, type, ["k"]);
  const isNowhere = again?.duplicate === true && (await engine.find(type, again.id)) === undefined;
  const isSecond = again?.duplicate === undefined && (await engine.depth(type)) === 2;
  expect(isAnothers ? isSecond : isNowhere).toBe(true);
});
