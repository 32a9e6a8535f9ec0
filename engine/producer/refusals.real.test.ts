/** A broker that does not take jobs says why, and so does the receipt, with what can be done about it. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { deadlineMs, eventually } from "../testing/deadline.ts";
import { heldBy, jobsOf } from "../testing/jobs.ts";
import { startRedis, type TestRedis } from "../testing/redis.ts";
import { workHere } from "../testing/workers.ts";
import { keysOf } from "../redis/keys.ts";
import { connect, jobType, type Address, type Engine } from "../index.ts";

const type = jobType({ name: "job" });
const addressOf = ({ host, port }: TestRedis): Address => ({ host, port });
const engineAt = (redis: Address): Engine => connect({ redis, namespace: "refused", name: "test" });
/** Long enough to be told why, short enough to be told. */
const soonMs = 3000;

/** One job is refused, and nothing is written. */
async function refused(engine: Engine): Promise<{ readonly reason: string; readonly why: string }> {
  const [receipt] = await engine.producer(type, { deadlineMs: soonMs }).enqueue([{ payload: "job" }]);
  if (receipt?.outcome !== "refused") throw new Error(`it is ${receipt?.outcome}`);
  return receipt;
}

async function accepted(engine: Engine): Promise<void> {
  expect(await engine.producer(type, { deadlineMs }).enqueue([{ payload: "job" }])).toMatchObject([{ outcome: "ok" }]);
}

test("OOM: a full broker refuses at once, and takes jobs again when workers have drained it or it has more memory", async () => {
  await using redis = await startRedis();
  await using engine = engineAt(addressOf(redis));
  const store = new Redis(addressOf(redis));
  await accepted(engine);
  await store.config("SET", "maxmemory", "1");
  const { reason, why } = await refused(engine);
  expect(reason).toBe("memory");
  expect(why).toMatch(/^OOM .*maxmemory/s);
  await using worker = workHere(engine, type);
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the full broker to be drained" });
  await store.config("SET", "maxmemory", "0");
  await accepted(engine);
  await eventually(() => worker.settlements.length === 2, { deadlineMs, awaited: "the job after that" });
  await worker.stop();
  expect(await heldBy(engine, type)).toEqual([]);
  store.disconnect();
});

test("READONLY: a replica refuses when the deadline is over, and takes jobs when it has become the primary", async () => {
  await using primary = await startRedis();
  await using replica = await startRedis();
  const store = new Redis(addressOf(replica));
  await store.replicaof(primary.host, primary.port);
  await using engine = engineAt(addressOf(replica));
  const { reason, why } = await refused(engine);
  expect(reason).toBe("read-only");
  expect(why).toMatch(/^READONLY .*address of the primary/s);
  const waiting = accepted(engine);
  await store.replicaof("NO", "ONE");
  await waiting;
  store.disconnect();
});

test("LOADING: a broker that reads its data refuses when the deadline is over, and takes jobs when it has read them", async () => {
  // It takes half a millisecond for each key, and says that it is loading after each thousand.
  await using redis = await startRedis(["--key-load-delay", "500"]);
  const store = new Redis(addressOf(redis));
  await store.eval("for n = 1, 20000 do redis.call('SET', 'key' .. n, 'value') end", 0);
  store.disconnect();
  await redis.stop();
  const started = redis.start();
  await using engine = engineAt(addressOf(redis));
  const { reason, why } = await refused(engine);
  expect(reason).toBe("loading");
  expect(why).toMatch(/^LOADING .*reads its data/s);
  await accepted(engine);
  await started;
});

test("MISCONF: a broker that cannot save refuses when the deadline is over, and takes jobs when it can", async () => {
  await using redis = await startRedis(["--dbfilename", "taken"]);
  const store = new Redis(addressOf(redis));
  // A save cannot take the place of a directory.
  await mkdir(join(redis.directory, "taken"));
  await store.config("SET", "save", "3600 1000000");
  await store.bgsave();
  await eventually(async () => (await store.info("persistence")).includes("rdb_last_bgsave_status:err"), {
    deadlineMs,
    awaited: "the save to fail",
  });
  await using engine = engineAt(addressOf(redis));
  const { reason, why } = await refused(engine);
  expect(reason).toBe("disk");
  expect(why).toMatch(/^MISCONF .*its log and its disk/s);
  const waiting = accepted(engine);
  await store.config("SET", "stop-writes-on-bgsave-error", "no");
  await waiting;
  store.disconnect();
});

test("NOAUTH and WRONGPASS: who has no password, or a wrong one, is refused at once; who has the right one is let in", async () => {
  await using redis = await startRedis(["--requirepass", "secret"]);
  await using nobody = engineAt(addressOf(redis));
  const none = await refused(nobody);
  expect(none.reason).toBe("access");
  expect(none.why).toMatch(/^NOAUTH .*redis\.password/s);
  await using stranger = engineAt({ ...addressOf(redis), password: "guess" });
  const wrong = await refused(stranger);
  expect(wrong.reason).toBe("access");
  expect(wrong.why).toMatch(/^WRONGPASS .*redis\.password/s);
  expect(wrong.why).not.toContain("guess");
  await using friend = engineAt({ ...addressOf(redis), password: "secret" });
  await accepted(friend);
  await using worker = workHere(friend, type);
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "the job" });
  await worker.stop();
});

test("NOPERM: who may not write is refused at once", async () => {
  await using redis = await startRedis();
  const store = new Redis(addressOf(redis));
  await store.acl("SETUSER", "reader", "on", ">secret", "~*", "+@read", "+@connection", "+info");
  await using engine = engineAt({ ...addressOf(redis), username: "reader", password: "secret" });
  const { reason, why } = await refused(engine);
  expect(reason).toBe("access");
  expect(why).toMatch(/^NOPERM .*permission/s);
  store.disconnect();
});

/** Which command is missing, and whether anything was written by the time that it is. */
const missing = [
  { command: "hget", outcome: "refused", held: 0 },
  { command: "xadd", outcome: "refused", held: 0 },
  { command: "hset", outcome: "unknown", held: 2 },
];

test.each(missing)(
  "a broker that lacks $command: what was not written is refused at once",
  async ({ command, outcome, held }) => {
    await using redis = await startRedis(["--rename-command", command.toUpperCase(), `${command}-of-ours`]);
    const store = new Redis(addressOf(redis));
    await using engine = engineAt(addressOf(redis));
    const receipts = await engine.producer(type, { deadlineMs: soonMs }).enqueue(jobsOf(["a", "b"]));
    expect(receipts).toMatchObject([{ outcome }, { outcome }]);
    const [first] = receipts;
    expect(first?.outcome !== "ok" && first?.why).toMatch(
      outcome === "refused" ? /Unknown Redis command.*nothing was written: the broker lacks a command/s : /^PARTLY /,
    );
    expect(await store.xlen(keysOf("refused", "job").jobs)).toBe(held);
    store.disconnect();
  },
);

test.each(missing)(
  "a user who may not $command: what was not written is refused at once",
  async ({ command, outcome, held }) => {
    await using redis = await startRedis();
    const store = new Redis(addressOf(redis));
    await store.acl("SETUSER", "writer", "on", ">secret", "~*", "+@all", `-${command}`);
    await using engine = engineAt({ ...addressOf(redis), username: "writer", password: "secret" });
    const receipts = await engine.producer(type, { deadlineMs: soonMs }).enqueue(jobsOf(["a", "b"]));
    expect(receipts).toMatchObject([{ outcome }, { outcome }]);
    if (outcome === "refused") expect(receipts).toMatchObject([{ reason: "access" }, { reason: "access" }]);
    expect(await store.xlen(keysOf("refused", "job").jobs)).toBe(held);
    store.disconnect();
  },
);

const forbidding = {
  "a broker that lacks": (command: string) => ({ flags: ["--rename-command", command, ""], denied: [] }),
  "a user who may not": (command: string) => ({ flags: [], denied: [`-${command.toLowerCase()}`] }),
};
const needed = Object.entries(forbidding).flatMap(([who, how]) =>
  ["XACK", "XDEL", "ZADD", "ZREM", "HDEL"].map((command) => ({ who, command, ...how(command) })),
);

test.each(needed)(
  "$who $command: a worker says so, and takes no job that it could not settle",
  async ({ command, flags, denied }) => {
    await using redis = await startRedis(flags);
    const store = new Redis(addressOf(redis));
    await store.acl("SETUSER", "worker", "on", ">secret", "~*", "&*", "+@all", ...denied);
    const told: string[] = [];
    await using engine = connect({
      redis: { ...addressOf(redis), username: "worker", password: "secret" },
      namespace: "refused",
      failed: ({ message }) => void told.push(message),
    });
    await accepted(engine);
    await using worker = workHere(engine, type);
    await eventually(() => told.some((line) => line.includes(`UNWRITTEN ${command} is missing`)), {
      deadlineMs,
      awaited: "the worker to say what it lacks",
    });
    expect(worker.starts).toEqual([]);
    expect(await store.xlen(keysOf("refused", "job").jobs)).toBe(1);
    await worker.stop();
    store.disconnect();
  },
);

test("away: where nobody answers, it is refused when the deadline is over", async () => {
  await using redis = await startRedis();
  await redis.stop();
  await using engine = engineAt(addressOf(redis));
  expect(await refused(engine)).toMatchObject({ reason: "away" });
});
