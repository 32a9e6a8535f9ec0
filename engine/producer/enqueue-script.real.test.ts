/** What the scripts of an enqueue keep, step by step; and each step left out, to show that it would be missed. */
import { expect, test } from "vitest";
import { changedScript } from "../testing/changed-script.ts";
import { redis, store } from "../testing/own-redis.ts";
import { openBroker } from "../redis/broker.ts";
import { keysOf } from "../redis/keys.ts";
import { argumentsOf, type NewJob } from "./new-job.ts";
import { script, type Script } from "../redis/script.ts";

const clean = { enqueue: script("enqueue"), tick: script("tick") };

const promises = {
  "a job under a known key is not written": "ok 1, then ok - 0=producer-1-0; 1 written",
  "a key is known after one turn, and not after two": "known, forgotten",
  "two who saw the same tick tick once": "1 0 at 1 0",
  "what is delayed counts": "ok 0",
  "a batch is refused from where it is full": "ok 3; 3 written",
  "a batch that is sent again hears the same": "ok 1, again duplicate 1",
  "a batch that was wholly refused is not written when it is sent again": "ok 0, again duplicate 0; 0 written",
  "the key of what was refused is not known": "ok 0, then ok",
  "what has a time waits for it": "1 delayed, 1 waiting",
} as const;
type Promised = keyof typeof promises;

/** What is seen of each. */
async function seen(namespace: string, lua: typeof clean): Promise<Record<string, string>> {
  const broker = openBroker({ to: { host: redis.host, port: redis.port }, name: "test" }, () => {});
  await broker.whenReady();
  const facts: Record<string, string> = {};
  for (const [n, [promise, story]] of Object.entries(stories).entries()) {
    const keys = keysOf(`${namespace}-${n}`, "job");
    const run = async (which: Script, names: readonly string[], ...args: (string | number)[]): Promise<string> => {
      const answer = await broker.run(which, names, args);
      return answer.kind === "answer" ? String(answer.value) : answer.message;
    };
    await store.hset(keys.sequences, "producer", 0);
    const written = [keys.jobs, keys.sequences, keys.delayed, keys.clock, keys.known, keys.knownBefore];
    facts[promise] = await story(
      keys,
      (number, depth, ...terms) =>
        run(
          lua.enqueue,
          written,
          "producer",
          number,
          depth,
          ...terms.flatMap((one) => argumentsOf({ payload: "payload", ...one })),
        ),
      (ticks) => run(lua.tick, [keys.known, keys.knownBefore, keys.ticks], ticks, 2),
    );
  }
  broker.close();
  return facts;
}

type Story = (
  keys: ReturnType<typeof keysOf>,
  enqueue: (number: number, depth: number | "", ...terms: Omit<NewJob<string>, "payload">[]) => Promise<string>,
  tick: (seen: string) => Promise<string>,
) => Promise<string>;

const stories: Readonly<Record<Promised, Story>> = {
  async "a job under a known key is not written"({ jobs }, enqueue) {
    const first = await enqueue(1, "", { key: "key" });
    const then = await enqueue(2, "", { key: "key" });
    const count = await store.xlen(jobs);
    return `${first} ${count === 0 ? 0 : 1}, then ${then}; ${count} written`;
  },
  async "a key is known after one turn, and not after two"({ ticks }, enqueue, tick) {
    await enqueue(1, "", { key: "key" });
    const turn = async (): Promise<void> => {
      for (let n = 0; n < 2; n++) await tick((await store.get(ticks)) ?? "");
    };
    await turn();
    const once = await enqueue(2, "", { key: "key" });
    await turn();
    await turn();
    const twice = await enqueue(3, "", { key: "key" });
    return [once, twice].map((answer) => (answer === "ok" ? "forgotten" : "known")).join(", ");
  },
  async "two who saw the same tick tick once"({ ticks }, enqueue, tick) {
    await enqueue(1, "", { key: "key" });
    const both = [await tick(""), await tick("")];
    return `${both.join(" ")} at ${await store.get(ticks)}`;
  },
  async "what is delayed counts"(_, enqueue) {
    await enqueue(1, 1, { delayMs: 60_000 });
    return enqueue(2, 1, {});
  },
  async "a batch is refused from where it is full"({ jobs }, enqueue) {
    const answer = await enqueue(1, 3, {}, {}, {}, {}, {});
    return `${answer}; ${await store.xlen(jobs)} written`;
  },
  async "a batch that is sent again hears the same"(_, enqueue) {
    return `${await enqueue(1, 1, {}, {})}, again ${await enqueue(1, 1, {}, {})}`;
  },
  async "a batch that was wholly refused is not written when it is sent again"({ jobs }, enqueue) {
    const answer = await enqueue(1, 0, {});
    return `${answer}, again ${await enqueue(1, 1, {})}; ${await store.xlen(jobs)} written`;
  },
  async "the key of what was refused is not known"(_, enqueue) {
    return `${await enqueue(1, 0, { key: "key" })}, then ${await enqueue(2, 1, { key: "key" })}`;
  },
  async "what has a time waits for it"({ jobs, delayed }, enqueue) {
    const now = Number((await store.time())[0]) * 1000;
    await enqueue(1, "", { at: now + 60_000 }, { at: now - 60_000 });
    return `${await store.zcard(delayed)} delayed, ${await store.xlen(jobs)} waiting`;
  },
};

test("every promise is kept", async () => {
  expect(await seen("clean", clean)).toEqual(promises);
});

const mutants: readonly (readonly [Promised, keyof typeof clean, Readonly<Record<string, string>>])[] = [
  ["a job under a known key is not written", "enqueue", { "if key then redis.call('HSET', KEYS[5], key, id) end": "" }],
  ["a key is known after one turn, and not after two", "enqueue", { " or redis.call('HGET', KEYS[6], key)": "" }],
  [
    "a key is known after one turn, and not after two",
    "tick",
    { "redis.call('UNLINK', KEYS[2])": "redis.call('UNLINK', KEYS[2], KEYS[1])" },
  ],
  ["two who saw the same tick tick once", "tick", { "~= ARGV[1] then return 0 end": "== nil then return 0 end" }],
  ["what is delayed counts", "enqueue", { " - redis.call('ZCARD', KEYS[3])": "" }],
  ["a batch is refused from where it is full", "enqueue", { "room = room - 1": "" }],
  ["a batch that is sent again hears the same", "enqueue", { "producer, ARGV[2] .. unwritten)": "producer, ARGV[2])" }],
  [
    "a batch that was wholly refused is not written when it is sent again",
    "enqueue",
    {
      "redis.call('HSET', KEYS[2], producer, ": "if full ~= 0 then redis.call('HSET', KEYS[2], producer, ",
      "return 'ok' .. unwritten": "end return 'ok' .. unwritten",
    },
  ],
  [
    "the key of what was refused is not known",
    "enqueue",
    { "elseif room <= 0 then": "elseif room <= 0 then redis.call('HSET', KEYS[5], key, id)" },
  ],
  ["what has a time waits for it", "enqueue", { "math.max(terms.at - wall, 0)": "0" }],
];

test.each(mutants.map(([promise, which, changes], n) => ({ promise, which, changes, n })))(
  "$n: $promise: seen where $which is broken",
  async ({ promise, which, changes, n }) => {
    const facts = await seen(`mutant-${n}`, { ...clean, [which]: changedScript(clean[which], changes) });
    expect(facts[promise]).not.toBe(promises[promise]);
  },
);
