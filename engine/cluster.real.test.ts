/**
 * The same engine on a Redis Cluster of three masters: spread over them, through a failover, and while a slot moves.
 */
import { once } from "node:events";
import { expect, test } from "vitest";
import { startCluster, type TestCluster } from "./testing/cluster.ts";
import { deadlineMs, eventually, slackMs } from "./testing/deadline.ts";
import { heldBy, jobsOf } from "./testing/jobs.ts";
import { type InProcess, leaseMs, longLeaseMs, workHere } from "./testing/workers.ts";
import { nowMs } from "./std/clock.ts";
import { connect, jobType, type Engine, type Layout, type Node } from "./index.ts";
import { keysOf, partsOf } from "./redis/keys.ts";

const type = jobType({ name: "job", shards: 6, leaseMs: longLeaseMs, attempts: 1 });
const soonMs = 5000;

const engineOn = ({ masters }: TestCluster, namespace: string): Engine =>
  connect({ redis: { cluster: masters.map(({ host, port }) => ({ host, port })) }, namespace });

const many = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => String(n));
const doneBy = ({ settlements }: InProcess): readonly string[] =>
  settlements.flatMap(({ as, fate, job }) => (as === "done" && fate === "accepted" ? [job.text] : []));
const allDone = (worker: InProcess, count: number): Promise<unknown> =>
  eventually(() => doneBy(worker).length >= count, { deadlineMs, awaited: `${count} jobs to be done` });

/** Shards that the master of a node's keys serves. */
async function shardsOn(cluster: TestCluster, namespace: string, layout: Layout): Promise<readonly number[]> {
  const masters = await Promise.all(partsOf(namespace, layout).map(({ keys }) => cluster.masterOf(keys.jobs)));
  return masters.map((master) => cluster.masters.indexOf(master));
}

test("jobs are spread over the nodes, each is done once, and nothing is left", async () => {
  await using cluster = await startCluster();
  await using engine = engineOn(cluster, "spread");
  expect(new Set(await shardsOn(cluster, "spread", type))).toEqual(new Set([0, 1, 2]));
  const layered = jobType({ ...type, name: "layered", priorities: { high: 3, low: 1 } });
  const producer = engine.producer(layered);
  const sent = many(300);
  const keyOf = (payload: string): string => `order ${payload}`;
  const receipts = await producer.enqueue(
    jobsOf(sent, (payload, n) => ({ priority: n % 2 === 0 ? "high" : "low", key: keyOf(payload) })),
  );
  expect(receipts.filter(({ outcome }) => outcome === "ok").length).toBe(sent.length);
  const again = await producer.enqueue(jobsOf(sent, (payload) => ({ priority: "low", key: keyOf(payload) })));
  expect(again).toEqual(receipts.map((receipt) => ({ ...receipt, duplicate: true })));
  expect(await engine.depth(layered)).toBe(sent.length);
  expect(await engine.counts(layered)).toMatchObject({ waiting: sent.length, active: 0, dead: 0 });
  for (const master of cluster.masters) expect(Number(await cluster.ask(master, "DBSIZE"))).toBeGreaterThan(0);
  await using worker = workHere(engine, layered, async ({ payload }) => {
    if (payload.endsWith("7")) throw new Error("seven");
  });
  await eventually(() => worker.settlements.length === sent.length, { deadlineMs, awaited: "all to be settled" });
  await worker.stop();
  expect(worker.starts.length).toBe(sent.length);
  const dead = engine.deadLetters(layered);
  expect((await Array.fromAsync(dead.list())).length).toBe(30);
  expect(await dead.replay({ error: "seven" })).toBe(30);
  await using second = workHere(engine, layered);
  await allDone(second, 30);
  await second.stop();
  expect(await heldBy(engine, layered)).toEqual([]);
});

test("a node that is away stops nothing of the others, and is gone on with when it is back", async () => {
  await using cluster = await startCluster();
  await using engine = engineOn(cluster, "still");
  const shards = await shardsOn(cluster, "still", type);
  await using worker = workHere(engine, type, undefined, { concurrency: 2 });
  const producer = engine.producer(type, { deadlineMs: 300_000 });
  await producer.enqueue(jobsOf(many(60)));
  await allDone(worker, 60);
  const [first] = cluster.masters;
  await first?.stop("SIGKILL");
  // One for each shard in turn.
  const during = producer.enqueue(jobsOf(shards.map((node, shard) => `during ${shard} on ${node}`)));
  await allDone(worker, 60 + shards.filter((node) => node !== 0).length);
  await first?.start();
  await during;
  await allDone(worker, 60 + shards.length);
  await worker.stop();
  expect(new Set(doneBy(worker)).size).toBe(60 + shards.length);
  expect(await heldBy(engine, type)).toEqual([]);
});

test("in every shard and priority, the dead lose what they held", async () => {
  await using cluster = await startCluster();
  const layered = jobType({ name: "layered", shards: 6, priorities: { high: 3, low: 1 }, leaseMs });
  await using near = engineOn(cluster, "dead");
  const sent = many(48);
  {
    await using far = engineOn(cluster, "dead");
    await near.producer(layered).enqueue(jobsOf(sent, (_, n) => ({ priority: n % 2 === 0 ? "high" : "low" })));
    const lost = workHere(far, layered, (_job, signal) => once(signal, "abort").then(() => signal.throwIfAborted()));
    await eventually(() => lost.starts.length === sent.length, { deadlineMs, awaited: "all to be in hand" });
    // Its connections are closed under it: to the others it is dead.
    void lost.stop();
  }
  await using worker = workHere(near, layered);
  await allDone(worker, sent.length);
  await worker.stop();
  expect(doneBy(worker).toSorted()).toEqual(sent.toSorted());
  expect(await heldBy(near, layered)).toEqual([]);
});

test("a cluster that is away as a whole is asked for the way until it is there", async () => {
  await using cluster = await startCluster();
  await using engine = engineOn(cluster, "away");
  await using worker = workHere(engine, type);
  const producer = engine.producer(type, { deadlineMs: 300_000 });
  await producer.enqueue(jobsOf(many(60)));
  await allDone(worker, 60);
  await Promise.all(cluster.masters.map((master) => master.stop()));
  const during = producer.enqueue(jobsOf(many(12)));
  await using late = engineOn(cluster, "away");
  await using another = workHere(late, type);
  const later = late.producer(type, { deadlineMs: 300_000 }).enqueue(jobsOf(many(12)));
  await Promise.all(cluster.masters.map((master) => master.start()));
  expect([...(await during), ...(await later)].filter(({ outcome }) => outcome === "ok").length).toBe(24);
  await eventually(() => doneBy(worker).length + doneBy(another).length === 84, {
    deadlineMs,
    awaited: "all to be done",
  });
});

test("a failover: work goes on by itself on the node that took over", async () => {
  await using cluster = await startCluster(true);
  await using engine = engineOn(cluster, "failover");
  const gate = Promise.withResolvers<void>();
  await using worker = workHere(engine, type, ({ payload }) =>
    payload.startsWith("held") ? gate.promise : Promise.resolve(),
  );
  const producer = engine.producer(type, { deadlineMs: 300_000 });
  await producer.enqueue(jobsOf([...many(60), ...many(12).map((n) => `held ${n}`)]));
  await allDone(worker, 60);
  await eventually(() => worker.starts.length === 72, { deadlineMs, awaited: "the others to be in hand" });
  const [first] = cluster.masters;
  const { replica } = cluster;
  if (first === undefined || replica === undefined) throw new Error("a master and its replica");
  // What the replica has not got when the master dies is gone, whatever a client does.
  await eventually(async () => (await offsetOf(cluster, first)) === (await offsetOf(cluster, replica)), {
    deadlineMs,
    awaited: "the replica to have it all",
  });
  await first.stop("SIGKILL");
  gate.resolve();
  const during = producer.enqueue(jobsOf(many(12).map((n) => `during ${n}`)));
  await eventually(async () => String(await cluster.ask(replica, "INFO", "replication")).includes("role:master"), {
    deadlineMs,
    awaited: "the replica to take over",
  });
  const healedAt = nowMs();
  await allDone(worker, 84);
  expect(nowMs() - healedAt).toBeLessThan(soonMs + slackMs);
  expect((await during).filter(({ outcome }) => outcome === "ok").length).toBe(12);
  await worker.stop();
  expect(new Set(doneBy(worker)).size).toBe(84);
  expect(await heldBy(engine, type)).toEqual([]);
});

test("a slot that moves to another node takes its jobs along, and those who use it", async () => {
  await using cluster = await startCluster();
  const single = jobType({ name: "job", leaseMs: longLeaseMs });
  await using engine = engineOn(cluster, "moving");
  await using worker = workHere(engine, single);
  const producer = engine.producer(single, { deadlineMs: 300_000 });
  const sending = new AbortController();
  let sent = 0;
  const sender = (async () => {
    while (!sending.signal.aborted) {
      const receipts = await producer.enqueue(jobsOf(many(20)));
      sent += receipts.filter(({ outcome }) => outcome === "ok").length;
    }
  })();
  await allDone(worker, 100);
  const { jobs } = keysOf("moving", "job");
  const source = await cluster.masterOf(jobs);
  const target = cluster.masters.find((master) => master !== source);
  if (target === undefined) throw new Error("a cluster of one");
  await moveSlot(cluster, jobs, source, target);
  await allDone(worker, sent + 100);
  sending.abort();
  await sender;
  await allDone(worker, sent);
  await worker.stop();
  expect(doneBy(worker).length).toBe(sent);
  expect(await heldBy(engine, single)).toEqual([]);
  expect(await cluster.ask(target, "EXISTS", jobs)).toBe(1);
});

const offsetOf = async (cluster: TestCluster, node: TestCluster["masters"][number]): Promise<string | undefined> =>
  /(?:slave|master)_repl_offset:(\d+)/.exec(String(await cluster.ask(node, "INFO", "replication")))?.[1];

/** As its operator does it: announced on both sides, key by key, then told to all. */
async function moveSlot(
  { ask, masters }: TestCluster,
  key: string,
  source: TestCluster["masters"][number],
  target: TestCluster["masters"][number],
): Promise<void> {
  const slot = Number(await ask(source, "CLUSTER", "KEYSLOT", key));
  const idOf = async (node: TestCluster["masters"][number]): Promise<string> =>
    String(await ask(node, "CLUSTER", "MYID"));
  const [sourceId, targetId] = [await idOf(source), await idOf(target)];
  await ask(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", sourceId);
  await ask(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", targetId);
  for (;;) {
    const keys = await ask(source, "CLUSTER", "GETKEYSINSLOT", slot, 100);
    if (!Array.isArray(keys) || keys.length === 0) break;
    for (const one of keys) await ask(source, "MIGRATE", target.host, target.port, String(one), 0, 60_000);
  }
  for (const node of [target, source, ...masters]) await ask(node, "CLUSTER", "SETSLOT", slot, "NODE", targetId);
}

test("who is given one node as if it were alone hears how a cluster is given", async () => {
  await using cluster = await startCluster();
  const its = await cluster.masterOf(keysOf("alone", "job").jobs);
  const other = cluster.masters.find((master) => master !== its) ?? its;
  await using engine = connect({ redis: { host: other.host, port: other.port }, namespace: "alone" });
  const [receipt] = await engine.producer(jobType({ name: "job" }), { deadlineMs: soonMs }).enqueue([{ payload: "a" }]);
  expect(receipt).toMatchObject({ outcome: "refused", why: expect.stringMatching(/^MOVED .*redis: \{ cluster: \[/s) });
});

test("a `via` that throws, or answers with no node, is told, and asked again", async () => {
  await using cluster = await startCluster();
  const heard: string[] = [];
  let asked = 0;
  const via = (node: Node): Node => {
    asked++;
    if (asked < 6) throw new Error("the map is not there yet");
    return asked < 12 ? { ...node, port: Number.NaN } : node;
  };
  const nodes = cluster.masters.map(({ host, port }) => ({ host, port }));
  await using engine = connect({
    redis: { cluster: nodes, via },
    namespace: "via",
    failed: ({ message }) => heard.push(message),
  });
  expect(await engine.producer(jobType({ name: "job" }), { deadlineMs }).enqueue([{ payload: "a" }])).toMatchObject([
    { outcome: "ok" },
  ]);
  expect(heard.some((message) => message.includes("the map is not there yet"))).toBe(true);
});
