/**
 * What the service bears: slow and silent callers, large answers, what is no request, and who asks for somebody else.
 */
import { connect as connectTo, type AddressInfo } from "node:net";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import { crowdOf } from "../testing/crowd.ts";
import { type Answered, answersOf } from "../testing/answers.ts";
import { deadlineMs, eventually, within } from "../testing/deadline.ts";
import { exchange } from "../testing/exchange.ts";
import { kill } from "../testing/jobs.ts";
import { startRedis } from "../testing/redis.ts";
import { longLeaseMs } from "../testing/workers.ts";
import { connect, jobType, json, type Engine } from "../index.ts";
import { metricsOf } from "../metrics.ts";
import { queue } from "./declaration.ts";
import { shippedLimits, type Limits } from "./limits.ts";
import { service } from "./service.ts";

const MiB = 2 ** 20;
const note = jobType({ name: "note", attempts: 1, leaseMs: longLeaseMs, payloadBytesMax: MiB });
const any = jobType({ name: "any", payload: json(z.unknown()) });

interface Served extends AsyncDisposable {
  readonly engine: Engine;
  readonly port: number;
  close(): Promise<void>;
  /** How many are open, as the service sees it. */
  connections(): Promise<number>;
  /** Bytes as they are, until the other side is done. */
  say(bytes: string | Buffer): Promise<readonly Answered[]>;
}

async function serve(limits: Partial<Limits> = {}, token?: string, payloadMax = 2 * MiB): Promise<Served> {
  const redis = await startRedis(["--appendonly", "no"]);
  const engine = connect({ redis, namespace: "served" });
  const failed = (error: Error): never => {
    throw error;
  };
  const metrics = metricsOf(engine, [note, any]);
  const options = { engine, metrics, queues: [queue(note), queue(any)], token, payloadMax, failed };
  const app = service(options, { ...shippedLimits, ...limits });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = z.custom<AddressInfo>().parse(app.server.address());
  return {
    engine,
    port,
    close: () => app.close(),
    connections: promisify((told: (error: Error | null, count: number) => void) => app.server.getConnections(told)),
    async say(bytes) {
      const { received } = await exchange({ port, bytes: Buffer.from(bytes), pieces: [], ends: false, deadlineMs });
      return answersOf(received, []);
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await engine[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}

const get = (path: string, ...headers: readonly string[]): string =>
  [`GET ${path} HTTP/1.1`, "Host: localhost", "Connection: close", ...headers, "", ""].join("\r\n");

const post = (path: string, body: string | Buffer, length = body.length): Buffer =>
  Buffer.concat([
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`,
    ),
    Buffer.from(body),
  ]);

/** The only answer is a problem, and says so. */
function problemIn(answers: readonly Answered[]): { readonly status: number; readonly detail: string } {
  expect(answers).toHaveLength(1);
  const [answer] = answers;
  expect(answer?.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const problem = z.object({ status: z.number(), detail: z.string().min(1) }).parse(JSON.parse(answer?.body ?? ""));
  expect(problem.status).toBe(answer?.status);
  return problem;
}

test("what no route sees is told as a problem, too", async () => {
  await using there = await serve();
  const wrong = [
    [400, "GARBAGE\r\n\r\n"],
    [400, "GET /queues HTTP/1.1\r\nConnection: close\r\n\r\n"],
    [400, get("/%zz")],
    [400, get("/queues/%ff")],
    [414, get(`/queues/${"q".repeat(101)}`)],
    [431, get("/queues", `X-Long: ${"x".repeat(20_000)}`)],
    [417, get("/queues", "Expect: the-best")],
    [405, "CONNECT other:80 HTTP/1.1\r\nHost: other\r\n\r\n"],
    [
      400,
      "POST /queues/any/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    [415, post("/queues/any/jobs", "{}").toString().replace("application/json", "text/plain")],
  ] as const;
  for (const [status, bytes] of wrong)
    expect(problemIn(await there.say(bytes)), bytes.slice(0, 60)).toMatchObject({ status });
});

test("a problem with what follows does not take the place of the answer to what came before", async () => {
  await using there = await serve();
  const job = post("/queues/any/jobs", '{"payload":1}').toString().replace("Connection: close\r\n", "");
  const answers = await there.say(`${job}GARBAGE\r\n\r\n`);
  expect(answers.map(({ status }) => status)).toEqual([202, 400]);
});

test("a body that is no JSON text, or too deep, is refused, whatever its job type takes", async () => {
  await using there = await serve();
  const nested = (levels: number): string => `{"payload":${"[".repeat(levels)}${"]".repeat(levels)}}`;
  const jobs = "/queues/any/jobs";
  for (const levels of [100, 5000, 500_000])
    expect(problemIn(await there.say(post(jobs, nested(levels))))).toMatchObject({
      status: 400,
      detail: expect.stringContaining("nested deeper than 100"),
    });
  const invalid = Buffer.concat([Buffer.from('{"payload":"'), Buffer.from([0xff]), Buffer.from('"}')]);
  expect(problemIn(await there.say(post(jobs, invalid)))).toMatchObject({
    status: 400,
    detail: expect.stringContaining("the body is not UTF-8"),
  });
  expect(problemIn(await there.say(post(jobs, "{}")))).toMatchObject({ status: 400, detail: "0.payload: is missing" });
  const [taken] = await there.say(post(jobs, nested(99)));
  expect(taken).toMatchObject({ status: 202 });
});

test("an id that cannot be is the caller's mistake, and one past all others is an empty list", async () => {
  await using there = await serve();
  await kill(there.engine, note, ["a"]);
  for (const id of ["18446744073709551616-0", "99999999999999999999-1"]) {
    expect(problemIn(await there.say(get(`/queues/note/dead?after=${id}`)))).toMatchObject({ status: 400 });
    const body = JSON.stringify({ ids: [id] });
    for (const deed of ["replay", "purge"])
      expect(problemIn(await there.say(post(`/queues/note/dead/${deed}`, body)))).toMatchObject({ status: 400 });
  }
  const last = "18446744073709551615-18446744073709551615";
  expect(await there.say(get(`/queues/note/dead?after=${last}`))).toMatchObject([
    { body: '{"letters":[],"next":null}' },
  ]);
  expect(await there.say(post("/queues/note/dead/replay", JSON.stringify({ ids: [last, "0001-00"] })))).toMatchObject([
    { body: '{"replayed":0}' },
  ]);
});

test("a page of large letters ends before it has as many as were asked for, and the next goes on", async () => {
  await using there = await serve();
  const payloads = Array.from({ length: 10 }, (_, n) => String(n).padEnd(MiB, "x"));
  await kill(there.engine, note, payloads);
  const schema = z.object({ letters: z.array(z.object({ payload: z.string() })), next: z.string().nullable() });
  const sizes: number[] = [];
  const listed: string[] = [];
  for (let after = ""; ;) {
    const [answer] = await there.say(get(`/queues/note/dead?limit=1000${after}`));
    const { letters, next } = schema.parse(JSON.parse(answer?.body ?? ""));
    sizes.push(letters.length);
    listed.push(...letters.map(({ payload }) => payload));
    if (next === null) break;
    after = `&after=${next}`;
  }
  expect(listed.toSorted()).toEqual(payloads.toSorted());
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
});

test("who sends slowly, or nothing, is ended", async () => {
  await using there = await serve({ headersMs: 500, requestMs: 1000 });
  for (const bytes of ["", "GET /queues HTTP/1.1\r\nHost: loc", post("/queues/any/jobs", '{"payload":', 100)])
    expect(problemIn(await there.say(bytes))).toMatchObject({ status: 408 });
});

test("who asks for much and takes nothing of it is ended", async () => {
  await using there = await serve({ silentMs: 500 });
  await kill(
    there.engine,
    note,
    ["a", "b", "c"].map((text) => text.padEnd(MiB, "x")),
  );
  const silent = connectTo({ port: there.port, host: "127.0.0.1" }).on("error", () => {});
  // More than lies on its way: a paused socket does not even see that it was closed.
  for (let times = 0; times < 30; times++) silent.write("GET /queues/note/dead HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await eventually(async () => (await there.connections()) > 0, { deadlineMs, awaited: "it to be there" });
  await eventually(async () => (await there.connections()) === 0, { deadlineMs, awaited: "it to be sent away" });
  silent.destroy();
  expect(await there.say(get("/healthz"))).toMatchObject([{ status: 200 }]);
});

test("bodies that are too much at once are refused with a time to come again, and leave their room when they are over", async () => {
  await using there = await serve({ bodiesBytesMax: 300_000, requestMs: 60_000 }, undefined, 150_100);
  const jobs = "/queues/any/jobs";
  const body = `{"payload":"${"x".repeat(150_000)}"}`;
  {
    using slow = await crowdOf(there.port, 2, post(jobs, body.slice(0, -1), body.length).toString());
    const full = async (): Promise<boolean> => (await there.say(post(jobs, body)))[0]?.status === 503;
    await eventually(full, { deadlineMs, awaited: "the slow bodies to have their room" });
    const [refused] = await there.say(post(jobs, body));
    expect(refused?.headers.get("retry-after")).toBe("1");
    expect(slow.open()).toBe(2);
  }
  const taken = async (): Promise<boolean> => (await there.say(post(jobs, body)))[0]?.status === 202;
  await eventually(taken, { deadlineMs, awaited: "room when the slow ones have gone" });
  // Who is alone may have what it needs, though many values take more memory than their text.
  expect(await there.say(post(jobs, `{"payload":[${"[],".repeat(20_000)}1]}`))).toMatchObject([{ status: 202 }]);
});

test("it stops in time with bodies that do not end, and connections that say nothing or are kept", async () => {
  await using there = await serve({ stopBodiesMs: 300, stopMs: 60_000 });
  using silent = await crowdOf(there.port, 3, "");
  using kept = await crowdOf(there.port, 3, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const unfinished = there.say(post("/queues/any/jobs", '{"payload":', 100));
  await eventually(async () => (await there.say(get("/healthz")))[0]?.status === 200, {
    deadlineMs,
    awaited: "an answer",
  });
  await within(there.close(), deadlineMs, "the service to stop");
  expect(problemIn(await unfinished)).toMatchObject({ status: 503, detail: expect.stringContaining("stops") });
  await eventually(() => silent.open() + kept.open() === 0, { deadlineMs, awaited: "all connections to be closed" });
});

test("more connections than it bears are closed, and the others go on", async () => {
  await using there = await serve({ connectionsMax: 5 });
  using crowd = await crowdOf(there.port, 10, "");
  await eventually(() => crowd.open() === 5, { deadlineMs, awaited: "five of ten to be left" });
  expect(await there.connections()).toBe(5);
});

test("the word `bearer` is taken in any case, and the token as it is", async () => {
  await using there = await serve({}, "Secret");
  for (const words of ["Bearer Secret", "bearer Secret", "BEARER  Secret"])
    expect(await there.say(get("/queues", `Authorization: ${words}`))).toMatchObject([{ status: 200 }]);
  for (const words of ["Bearer secret", "Secret", "Basic Secret", "Bearer", "Bearer Secret2"])
    expect(problemIn(await there.say(get("/queues", `Authorization: ${words}`)))).toMatchObject({ status: 401 });
});

test("without a token, loopback answers to its own names alone", async () => {
  await using there = await serve();
  const ask = (host: string): Promise<readonly Answered[]> => there.say(get("/queues").replace("localhost", host));
  for (const host of ["localhost", "LOCALHOST:7070", "a.localhost", "127.0.0.1:7070", "[::1]:7070", "10.1.2.3"])
    expect(await ask(host), host).toMatchObject([{ status: 200 }]);
  for (const host of [
    "evil.example",
    "evil.example:7070",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "notlocalhost",
    "",
  ])
    expect(problemIn(await ask(host)), host).toMatchObject({ status: 421 });
  await using closed = await serve({}, "secret");
  const named = get("/queues", "Authorization: Bearer secret").replace("localhost", "jobs.example");
  expect(await closed.say(named)).toMatchObject([{ status: 200 }]);
});
