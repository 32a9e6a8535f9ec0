/** Options are checked before anything is done, and whoever gives a wrong one hears which, and what it takes. */
import { expect, test } from "vitest";
import { z } from "zod";
import { connect, jobType, json, text, type Engine } from "./index.ts";
import { metricsOf } from "./metrics.ts";
import { queue, service } from "./service/index.ts";

/** Nobody is there, and nobody is asked. */
const redis = { host: "127.0.0.1", port: 1 };
const type = jobType({ name: "job" });
const stop = AbortSignal.abort();
const failed = (): void => {};

/** What is said of a call that is wrong; the compiler, which would say it first, is not asked. */
async function said(call: (engine: Engine) => unknown): Promise<string> {
  await using engine = connect({ redis, namespace: "n" });
  try {
    await call(engine);
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return error instanceof Error ? error.message : "";
  }
  return "nothing";
}

/** As a caller without types gives it. */
const odd = (value: unknown): never => z.custom<never>().parse(value);

const throwing = {
  get leaseMs(): number {
    throw new Error("not today");
  },
};

const cases: Readonly<Record<string, readonly [(engine: Engine) => unknown, string]>> = {
  "a job type's fraction": [
    () => jobType({ name: "job", attempts: 1.5 }),
    "jobType: attempts must be a whole number from 1 to 9007199254740991, got 1.5",
  ],
  "a job type's time without end": [
    () => jobType({ name: "job", leaseMs: Infinity }),
    "jobType: leaseMs must be a number of ms from 500 to 3155760000000, got Infinity",
  ],
  "a text for a number": [
    () => jobType({ name: "job", concurrency: odd("50") }),
    'jobType: concurrency must be a whole number from 1 to 100000, got "50"',
  ],
  "null is not nothing": [
    () => jobType({ name: "job", timeoutMs: odd(null) }),
    "jobType: timeoutMs must be a number of ms from 1 to 3155760000000, got null",
  ],
  "an option within another": [
    () => jobType({ name: "job", backoff: { baseMs: Number.NaN } }),
    "jobType: backoff.baseMs must be a number of ms from 0 to 3155760000000, got NaN",
  ],
  "two that do not fit": [
    () => jobType({ name: "job", backoff: { capMs: 1000 } }),
    "jobType: backoff.capMs must be at least baseMs, which is 2000, got 1000",
  ],
  "one that throws when it is read": [
    () => jobType(odd(Object.assign(Object.create(throwing), { name: "job" }))),
    "jobType: leaseMs cannot be read: it throws when it is asked for",
  ],
  "a misspelled one": [
    () => jobType(odd({ name: "job", attemps: 3 })),
    'jobType: there is no option "attemps", there are name, priorities, shards, attempts,',
  ],
  "no options at all": [() => jobType(odd("job")), "jobType must be an object with name, "],
  "a codec that is none": [
    () => jobType({ name: "job", payload: odd({ ...text, decode: undefined }) }),
    "jobType: payload must be a codec, such as text or json(schema), got an object",
  ],
  "weights without an end": [
    () => jobType({ name: "job", priorities: { high: 1e308, low: 1 } }),
    "jobType: priorities.high must be a number from 0.001 to 1000, got 1e+308",
  ],
  "no broker": [
    () => connect(odd({ namespace: "n" })),
    "connect: redis must be an object with host, port, username, password, got nothing",
  ],
  "a port that is none": [
    () => connect({ redis: { host: "127.0.0.1", port: odd("6379") }, namespace: "n" }),
    'connect: redis.port must be a whole number from 1 to 65535, got "6379"',
  ],
  "a cluster without nodes": [
    () => connect({ redis: { cluster: [] }, namespace: "n" }),
    "connect: redis.cluster must be a list of some of its nodes, got a list",
  ],
  "a password that is none, which is not told": [
    () => connect({ redis: { ...redis, password: odd(12_345) }, namespace: "n" }),
    "connect: redis.password must be text that is not empty, got a number",
  ],
  "a namespace in which others would be found": [
    () => connect({ redis, namespace: "shop*" }),
    "connect: namespace must be text of 1 to 200 characters (none of {}*?[]\\ and no control characters), got",
  ],
  "a name that would count as idle": [() => connect({ redis, namespace: "n", name: "~me" }), "connect: name must be"],
  "a listener that is none": [
    () => connect({ redis, namespace: "n", failed: odd("log") }),
    'connect: failed must be a function, got "log"',
  ],
  "a deadline that is over": [
    (engine) => engine.producer(type, { deadlineMs: 0 }),
    "producer: deadlineMs must be a number of ms from 1 to 300000, got 0",
  ],
  "half a lane": [
    (engine) => engine.producer(type, { lanes: 1.5 }),
    "producer: lanes must be a whole number from 1 to 1000, got 1.5",
  ],
  "a date": [
    (engine) => engine.producer(type).enqueue([{ payload: "a", at: odd({ getTime: () => 0 }) }]),
    "enqueue: job 0: at must be a time in ms since 1970, such as Date.now(), from 0 to 8640000000000000, got an object",
  ],
  "one of many": [
    (engine) =>
      engine.producer(type).enqueue([
        { payload: "a", delayMs: 0 },
        { payload: "b", delayMs: -1 },
      ]),
    "enqueue: job 1: delayMs must be a number of ms from 0 to 3155760000000, got -1",
  ],
  "a payload for a job": [
    (engine) => engine.producer(type).enqueue([{ payload: "a" }, odd("b")]),
    'enqueue: job 1 must be an object with payload, delayMs, at, key, priority, got "b"',
  ],
  "a hole in a list": [
    (engine) => engine.producer(type).enqueue(Array.from({ length: 1 })),
    "enqueue: job 0 must be an object with payload, delayMs, at, key, priority, got nothing",
  ],
  "a misspelled field of a job": [
    (engine) => engine.producer(type).enqueue([odd({ payload: "a", delay: 5 })]),
    'enqueue: job 0: there is no option "delay", there are payload, delayMs, at, key, priority',
  ],
  "a delay and a time": [
    (engine) => engine.producer(type).enqueue([{ payload: "a", delayMs: 5, at: 5 }]),
    "enqueue: job 0: it starts after a delay (delayMs) or at a time (at), not both",
  ],
  "a priority that its type does not have": [
    (engine) =>
      engine
        .producer({ ...type, priorities: { high: 3, low: 1 } })
        .enqueue([{ payload: "a", priority: "low" }, { payload: "b" }]),
    "enqueue: job 1: priority must be one of high, low, got nothing",
  ],
  "a priority of none": [
    (engine) => engine.producer(type).enqueue([{ payload: "a", priority: "high" }]),
    'enqueue: job 0: priority must be left out (job has none), got "high"',
  ],
  "half a surrogate pair": [
    (engine) => engine.producer(type).enqueue([{ payload: "a", key: "\ud800" }]),
    "enqueue: job 0: key has half of a surrogate pair",
  ],
  "a job type by hand": [
    (engine) => engine.producer({ ...type, maxDepth: Number.NaN }),
    "the job type: maxDepth must be a whole number from 1 to 9007199254740991, got NaN",
  ],
  "where nobody ever put a job": [
    (engine) => engine.depth({ ...type, shards: 2 ** 31 }),
    "the job type: shards must be a whole number from 1 to 1024, got 2147483648",
  ],
  "half a handler": [
    (engine) => engine.work(type, async () => {}, { stop, concurrency: 1.5 }),
    "work: concurrency must be a whole number from 1 to 100000, got 1.5",
  ],
  "no way to stop": [
    (engine) => engine.work(type, async () => {}, odd({})),
    "work: stop must be an AbortSignal, such as the `signal` of an AbortController, got nothing",
  ],
  "no handler": [
    (engine) => engine.work(type, odd(undefined), { stop }),
    "work: the handler must be a function, got nothing",
  ],
  "a sweep without end": [
    (engine) => engine.work(type, async () => {}, { stop, sweepMs: Infinity }),
    "work: sweepMs must be a number of ms from 10 to 3155760000000, got Infinity",
  ],
  "what may stay": [
    (engine) => engine.work(type, async () => {}, { stop, deadLetters: { countMax: -1 } }),
    "work: deadLetters.countMax must be a whole number from 0 to 9007199254740991, got -1",
  ],
  "a worker that is watched": [
    (engine) => metricsOf(engine, [type]).watched(type, odd({ stop, settled: true })),
    "work: settled must be a function, got true",
  ],
  "a declared queue": [() => queue(type, async () => {}, { graceMs: -1 }), "queue: graceMs must be a number of ms"],
  "a schema that is none": [() => json(odd({ parse: () => "a" })), "json: its schema must be a schema of zod, valibot"],
  "a schema that throws when it is looked at": [
    () => json(odd(Object.defineProperty({}, "~standard", { get: () => throwing.leaseMs }))),
    "json: its schema cannot be read: it throws when it is asked for",
  ],
  "no schema": [() => json(odd(undefined)), "json: its schema must be a schema of zod"],
  "a service without a bound": [
    (engine) =>
      service({ engine, metrics: metricsOf(engine, [type]), queues: [queue(type)], payloadMax: Infinity, failed }),
    "service: payloadMax must be a whole number from 1 to",
  ],
  "a service for no engine": [
    (engine) => service({ engine: odd({}), metrics: metricsOf(engine, [type]), queues: [], payloadMax: 1000, failed }),
    "service: engine must be an engine, which connect({ ... }) returns, got an object",
  ],
  "a service of job types": [
    (engine) => service({ engine, metrics: metricsOf(engine, [type]), queues: [odd(type)], payloadMax: 1000, failed }),
    "service: queues[0] must be a queue, which queue(type, handler) returns, got an object",
  ],
  "a token that is none": [
    (engine) =>
      service({ engine, metrics: metricsOf(engine, [type]), queues: [], token: "", payloadMax: 1000, failed }),
    "service: token must be text that is not empty, got an empty one",
  ],
  "one id, which is no list of them, and no filter that all letters pass": [
    (engine) => engine.deadLetters(type).purge(odd("1700000000000-0")),
    'dead letters must be an object with since, until, error, after, got "1700000000000-0"',
  ],
  "a filter that is none, which all letters would pass": [
    (engine) => engine.deadLetters(type).purge(odd({ ids: ["1-1"] })),
    'dead letters: there is no option "ids", there are since, until, error, after',
  ],
  "a key that is none": [(engine) => engine.keys(type).find(""), "key must be text of 1 to 500 characters"],
};

test.each(Object.entries(cases).map(([what, [call, message]]) => ({ what, call, message })))(
  "$what",
  async ({ call, message }) => {
    expect(await said(call)).toContain(message);
  },
);

test("what is left out, or undefined, has its default", () => {
  expect(jobType(odd({ name: "job", attempts: undefined, backoff: { capMs: undefined } }))).toEqual({
    name: "job",
    attempts: 5,
    backoff: { baseMs: 2000, capMs: 3_600_000 },
    leaseMs: 5000,
    concurrency: 50,
    maxDeliveries: 3,
    shards: 1,
    rememberMs: 86_400_000,
    payloadBytesMax: 262_144,
    payload: text,
  });
});

test("each option is read once, so that what was checked is what is taken", () => {
  let reads = 0;
  const once = {
    name: "job",
    get attempts() {
      return reads++ === 0 ? 3 : Number.NaN;
    },
  };
  expect(jobType(once).attempts).toBe(3);
});
