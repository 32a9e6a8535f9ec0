/** The service as its callers see it: over HTTP, with a real broker behind it. */
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { z } from "zod";
import { deadlineMs, eventually } from "../testing/deadline.ts";
import { kill } from "../testing/jobs.ts";
import { startRedis, type TestRedis } from "../testing/redis.ts";
import { longLeaseMs, workHere } from "../testing/workers.ts";
import { connect, jobType, json, type Engine } from "../index.ts";
import { metricsOf } from "../metrics.ts";
import { queue } from "./declaration.ts";
import { service } from "./service.ts";

const email = jobType({ name: "email", maxDepth: 3, payload: json(z.object({ to: z.string() })) });
const note = jobType({ name: "note", attempts: 1, leaseMs: longLeaseMs });
const task = jobType({ name: "task", attempts: 1, leaseMs: longLeaseMs, priorities: { high: 3, low: 1 }, shards: 2 });

interface Served extends AsyncDisposable {
  readonly engine: Engine;
  ask(
    method: "GET" | "POST" | "DELETE",
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Reply>;
}
interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

async function serve(redis: TestRedis, token?: string): Promise<Served> {
  const engine = connect({ redis, namespace: "served" });
  const queues = [queue(email), queue(note), queue(task)];
  const app = service({
    engine,
    metrics: metricsOf(engine, [email, note, task]),
    queues,
    token,
    payloadMax: 2000,
    failed: (error) => {
      throw error;
    },
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = z.custom<AddressInfo>().parse(app.server.address());
  return {
    engine,
    async ask(method, path, body, headers = {}) {
      const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
        ...(body !== undefined && {
          body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
        }),
      });
      const text = await reply.text();
      const isJson = reply.headers.get("content-type")?.includes("json") === true;
      return { status: reply.status, headers: reply.headers, text, body: isJson ? JSON.parse(text) : undefined };
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await engine[Symbol.asyncDispose]();
    },
  };
}

test("a job is taken, found where it is, and known under its key", async () => {
  await using redis = await startRedis();
  await using there = await serve(redis);
  const first = await there.ask("POST", "/queues/note/jobs", { payload: "one", key: "k" });
  expect(first).toMatchObject({ status: 202, body: { id: expect.any(String) } });
  const location = first.headers.get("location") ?? "";
  expect(await there.ask("GET", location)).toMatchObject({ status: 200, body: { state: "waiting" } });
  const again = await there.ask("POST", "/queues/note/jobs", { payload: "one", key: "k" });
  expect(again).toMatchObject({ status: 200, body: { duplicate: true } });
  expect(again.headers.get("location")).toBe(location);
  const later = await there.ask("POST", "/queues/note/jobs", { payload: "two", delayMs: 3_600_000 });
  expect(await there.ask("GET", later.headers.get("location") ?? "")).toMatchObject({ body: { state: "delayed" } });
  expect(await there.ask("GET", "/queues/note/jobs/never-was-1")).toMatchObject({ status: 404 });
  const counts = { name: "note", waiting: 1, active: 0, delayed: 1, dead: 0, oldestMs: expect.any(Number) };
  expect(await there.ask("GET", "/queues/note")).toMatchObject({ status: 200, body: counts });
  expect(await there.ask("GET", "/queues")).toMatchObject({
    body: { queues: [{ name: "email" }, counts, { name: "task" }] },
  });
  const { headers, text } = await there.ask("GET", "/metrics");
  expect(headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(text).toContain('engine_jobs_enqueued_total{type="note",outcome="ok"} 2');
  expect(text).toContain('engine_jobs_enqueued_total{type="note",outcome="duplicate"} 1');
});

test("a list is taken in its order, as far as there is room, and each job is told for itself", async () => {
  await using redis = await startRedis();
  await using there = await serve(redis);
  const to = (name: string, more = {}): object => ({ payload: { to: name }, ...more });
  const some = await there.ask("POST", "/queues/email/jobs", [to("ada", { key: "a" }), to("bob", { at: 0 })]);
  expect(some).toMatchObject({ status: 202, body: { jobs: [{ status: 202 }, { status: 202 }] } });
  const more = await there.ask("POST", "/queues/email/jobs", [to("ada", { key: "a" }), to("cyd"), to("dan")]);
  expect(more).toMatchObject({
    status: 207,
    body: {
      jobs: [{ status: 200, duplicate: true }, { status: 202 }, { status: 429, type: "urn:problem:engine:full" }],
    },
  });
  const full = await there.ask("POST", "/queues/email/jobs", to("eve"));
  expect(full).toMatchObject({
    status: 429,
    body: { status: 429, title: "Too Many Requests", detail: expect.any(String) },
  });
  expect(full.headers.get("retry-after")).toBe("1");
});

test("a key can be asked about and freed, and is free when its letter is purged", async () => {
  await using redis = await startRedis();
  await using there = await serve(redis);
  const key = `order/7 a@b ${"?&é".repeat(160)}`;
  const path = `/queues/note/keys?key=${encodeURIComponent(key)}`;
  expect(await there.ask("GET", path)).toMatchObject({ status: 404 });
  const first = await there.ask("POST", "/queues/note/jobs", { payload: "one", key });
  expect(await there.ask("GET", path)).toMatchObject({ status: 200, body: { key, ...Object(first.body) } });
  await using worker = workHere(there.engine, note, async () => {
    throw new Error("it dies");
  });
  await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "it to be dead" });
  await worker.stop();
  expect(await there.ask("GET", "/queues/note/dead")).toMatchObject({ body: { letters: [{ key }] } });
  expect(await there.ask("POST", "/queues/note/dead/purge", { where: {} })).toMatchObject({ body: { purged: 1 } });
  expect(await there.ask("GET", path)).toMatchObject({ status: 404 });
  expect(await there.ask("POST", "/queues/note/jobs", { payload: "one", key })).toMatchObject({ status: 202 });
  expect(await there.ask("DELETE", path)).toMatchObject({ status: 200, body: { key, forgotten: true } });
  expect(await there.ask("DELETE", path)).toMatchObject({ body: { forgotten: false } });
  for (const wrong of ["", "?key=", `?key=${"k".repeat(501)}`, "?key=a&key=b"])
    expect(await there.ask("GET", `/queues/note/keys${wrong}`)).toMatchObject({ status: 400 });
});

test("what is wrong is said as a problem document, and nothing of it is written", async () => {
  await using redis = await startRedis();
  await using there = await serve(redis);
  const jobs = "/queues/email/jobs";
  const good = { payload: { to: "ada" } };
  const wrong = [
    [422, jobs, [good, { payload: { to: 7 } }], "email does not take job 1: "],
    [422, jobs, { payload: "ada" }, "email does not take job 0: "],
    [422, "/queues/note/jobs", { payload: { to: "ada" } }, "its payload is text"],
    [422, jobs, { ...good, at: 1e18 }, "a time in ms since 1970"],
    [400, jobs, { ...good, prio: 1 }, "prio"],
    [400, jobs, [], "Too small"],
    [400, jobs, { ...good, at: 1, delayMs: 1 }, "exclude each other"],
    [400, jobs, "{", ""],
    [413, jobs, { payload: { to: "a".repeat(3000) } }, "too large"],
    [404, "/queues/letters/jobs", good, 'no queue is called "letters"; there are: email, note'],
    [404, "/jobs", good, "nothing answers POST /jobs"],
    [400, "/queues/note/dead/purge", {}, ""],
    [400, "/queues/note/dead/replay", { ids: ["7"] }, ""],
  ] as const;
  for (const [status, path, body, detail] of wrong) {
    const reply = await there.ask("POST", path, body);
    expect(reply, `${path} ${JSON.stringify(body)}`).toMatchObject({ status, body: { status } });
    expect(reply.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(reply.text).toContain(JSON.stringify(detail).slice(1, -1));
  }
  expect(await there.engine.depth(email)).toBe(0);
});

test("what UTF-8 cannot carry is refused, as an escape and as bytes, and JSON keeps what it can", async () => {
  await using redis = await startRedis();
  await using there = await serve(redis);
  const notes = "/queues/note/jobs";
  const half = JSON.stringify("half \ud83d");
  const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, "latin1"));
  const refused = [
    [422, `{"payload":${half}}`, "has half of a surrogate pair"],
    [422, `{"payload":"a","key":${half}}`, "half"],
    [422, `[{"payload":"a"},{"payload":${half}}]`, "note does not take job 1"],
    [400, bytes('{"payload":"a\xff"}'), "not UTF-8"],
    [400, bytes('{"payload":"a","key":"\xed\xa0\xbd"}'), "not UTF-8"],
  ] as const;
  for (const [status, body, detail] of refused)
    expect(await there.ask("POST", notes, body)).toMatchObject({
      status,
      body: { status, detail: expect.stringContaining(detail) },
    });
  expect(await there.engine.depth(note)).toBe(0);
  expect(await there.ask("POST", notes, bytes('{"payload":"\xc3\xa9"}'))).toMatchObject({ status: 202 });
  expect(await there.ask("POST", "/queues/email/jobs", `{"payload":{"to":${half}}}`)).toMatchObject({ status: 202 });
  const got: string[] = [];
  const stop = new AbortController();
  const working = there.engine.work(email, async ({ payload: { to } }) => void got.push(to), { stop: stop.signal });
  await eventually(() => got.length > 0, { deadlineMs, awaited: "the job" });
  stop.abort();
  await working;
  expect(got).toEqual(["half \ud83d"]);
});

test("the token is asked for by all but the probes", async () => {
  await using redis = await startRedis();
  await using there = await serve(redis, "secret");
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  for (const path of ["/queues", "/metrics", "/nowhere"]) {
    const refused = await there.ask("GET", path);
    expect(refused).toMatchObject({ status: 401, body: { status: 401 } });
    expect(refused.headers.get("www-authenticate")).toBe("Bearer");
    expect(await there.ask("GET", path, undefined, bearer("secret2"))).toMatchObject({ status: 401 });
  }
  expect(await there.ask("GET", "/queues", undefined, bearer("secret"))).toMatchObject({ status: 200 });
  for (const path of ["/healthz", "/readyz"]) expect(await there.ask("GET", path)).toMatchObject({ status: 200 });
});

test("dead letters are listed in pages, put back and purged", async () => {
  await using redis = await startRedis();
  await using there = await serve(redis);
  await kill(there.engine, note, ["a", "b", "c"]);
  const letters = z.object({
    letters: z.array(z.object({ id: z.string(), payload: z.string() })),
    next: z.string().nullable(),
  });
  const list = async (query: string) => letters.parse((await there.ask("GET", `/queues/note/dead${query}`)).body);
  const first = await list("?limit=2");
  expect(first.letters.map(({ payload }) => payload)).toEqual(["a", "b"]);
  const second = await list(`?limit=2&after=${first.next}`);
  expect(second).toMatchObject({ letters: [{ payload: "c" }], next: null });
  expect((await list("?error=b+failed")).letters).toMatchObject([{ payload: "b" }]);
  const [a] = first.letters;
  const dead = "/queues/note/dead";
  expect(await there.ask("POST", `${dead}/replay`, { ids: [a?.id] })).toMatchObject({ body: { replayed: 1 } });
  expect(await there.ask("POST", `${dead}/purge`, { where: { error: "b failed" } })).toMatchObject({
    body: { purged: 1 },
  });
  expect(await list("")).toMatchObject({ letters: [{ payload: "c" }], next: null });
  expect(await there.ask("GET", "/queues/note")).toMatchObject({ body: { waiting: 1, dead: 1 } });
  expect(await there.ask("GET", `${dead}?after=7`)).toMatchObject({ status: 400 });
});

test("while the broker is away it is alive and not ready, and comes back by itself", async () => {
  await using redis = await startRedis();
  await using there = await serve(redis);
  const isReady = async (): Promise<boolean> => (await there.ask("GET", "/readyz")).status === 200;
  await eventually(isReady, { deadlineMs, awaited: "the service to be ready" });
  await redis.stop();
  await eventually(async () => !(await isReady()), { deadlineMs, awaited: "the service not to be ready" });
  expect(await there.ask("GET", "/healthz")).toMatchObject({ status: 200 });
  for (const path of ["/queues", "/queues/note/jobs/a-1-0", "/queues/note/dead"])
    expect(await there.ask("GET", path)).toMatchObject({ status: 503, body: { detail: expect.any(String) } });
  expect(await there.ask("POST", "/queues/note/jobs", { payload: "one" })).toMatchObject({
    status: 503,
    body: { type: "urn:problem:engine:away" },
  });
  expect((await there.ask("GET", "/metrics")).text).toContain("engine_broker_up 0");
  await redis.start();
  await eventually(isReady, { deadlineMs, awaited: "the service to be ready again" });
  expect(await there.ask("POST", "/queues/note/jobs", { payload: "one" })).toMatchObject({ status: 202 });
});

test("a job has a priority of those that its type has, and its dead letter is named by its shard", async () => {
  await using redis = await startRedis();
  await using there = await serve(redis);
  const jobs = "/queues/task/jobs";
  expect(await there.ask("POST", jobs, { payload: "a", priority: "high" })).toMatchObject({ status: 202 });
  expect(await there.ask("POST", jobs, { payload: "a", priority: "urgent" })).toMatchObject({
    status: 422,
    body: { detail: expect.stringContaining("priority must be one of high, low") },
  });
  const list = [{ payload: "b", priority: "low" }, { payload: "c" }];
  expect(await there.ask("POST", jobs, list)).toMatchObject({ status: 422 });
  expect(await there.ask("POST", "/queues/note/jobs", { payload: "a", priority: "high" })).toMatchObject({
    status: 422,
    body: { detail: expect.stringContaining("priority must be left out (note has none)") },
  });
  expect(await there.ask("GET", "/queues/task")).toMatchObject({ body: { waiting: 1 } });
  {
    await using worker = workHere(there.engine, task, async () => {
      throw new Error("no");
    });
    await eventually(() => worker.settlements.length === 1, { deadlineMs, awaited: "it to be dead" });
  }
  const dead = z.object({ body: z.object({ letters: z.array(z.object({ id: z.string(), priority: z.string() })) }) });
  const [letter] = dead.parse(await there.ask("GET", "/queues/task/dead")).body.letters;
  expect(letter).toMatchObject({ id: expect.stringMatching(/^[01]\//), priority: "high" });
  expect(await there.ask("GET", `/queues/task/dead?after=${encodeURIComponent(letter?.id ?? "")}`)).toMatchObject({
    body: { letters: [] },
  });
  for (const ids of [["1700000000000-0"], ["7/1700000000000-0"]])
    expect(await there.ask("POST", "/queues/task/dead/replay", { ids })).toMatchObject({ status: 400 });
  expect(await there.ask("POST", "/queues/task/dead/replay", { ids: [letter?.id] })).toMatchObject({ status: 200 });
  expect(await there.ask("GET", "/queues/task")).toMatchObject({ body: { waiting: 1, dead: 0 } });
});
