/**
 * Works off hostile jobs and enqueues hostile payloads, for the fuzzer beside this file; prints what it found wrong as
 * JSON. Arguments: port, namespace, seed, first case, how many.
 */
import { types } from "node:util";
import { connect, jobType, json, text, type Codec, type Engine, type Handler } from "../../engine/index.ts";
import { errorOf, errorText, messageOf, stackOf } from "../../engine/std/thrown.ts";
import { monotonic, pause } from "../../std/clock.ts";
import { seeded, type NonEmpty, type Random } from "../../std/random.ts";
import { untyped } from "../../engine/testing/untyped.ts";
import { hostile, hostileText } from "./hostile.ts";

const [port = "", namespace = "", seed = "", first = "0", count = "1"] = process.argv.slice(2);
const cases = Array.from({ length: Number(count) }, (_, n) => Number(first) + n);
const chance = (n: number, what: string): Random => seeded(`${seed}/${n}/${what}`);
const wrong: { seed: string; what: string }[] = [];
const mishandled = (n: number, what: string): void => void wrong.push({ seed: `${seed}/${n}`, what });
/** The test is gone. */
process.stdin.once("close", () => process.exit(1)).resume();

/** How a handler may end badly. */
const endings: NonEmpty<(thrown: unknown) => unknown> = [
  (thrown) => {
    throw thrown;
  },
  (thrown) => Promise.reject(thrown),
  async (thrown) => {
    await pause(monotonic, 1);
    throw thrown;
  },
  // oxlint-disable-next-line unicorn/no-thenable
  (thrown) => ({ then: (_: unknown, reject: (error: unknown) => void) => reject(thrown) }),
  (thrown) => ({
    // oxlint-disable-next-line unicorn/no-thenable
    then(resolve: () => void, reject: (error: unknown) => void) {
      reject(thrown);
      resolve();
      throw thrown;
    },
  }),
  (thrown) => ({
    // oxlint-disable-next-line unicorn/no-thenable
    get then() {
      throw thrown;
    },
  }),
];
/** And how it may end well. */
const successes: NonEmpty<(extra: unknown) => unknown> = [
  () => undefined,
  async () => {},
  () => pause(monotonic, 1),
  (extra) => ({
    // oxlint-disable-next-line unicorn/no-thenable
    then(resolve: () => void, reject: (error: unknown) => void) {
      resolve();
      reject(extra);
      throw extra;
    },
  }),
];

const starts = new Map<string, number>();
const handle: Handler<string> = ({ payload, attempt }) => {
  starts.set(payload, (starts.get(payload) ?? 0) + 1);
  const [kind, number] = payload.split(" ");
  const random = chance(Number(number), `${kind} ${attempt}`);
  return untyped(random.pick(kind === "bad" ? endings : successes)(hostile(random)));
};

/** Throws, or answers with a promise that is rejected, with anything. */
const callback = (what: string): (() => unknown) => {
  let calls = 0;
  return () => {
    const random = chance(++calls, what);
    return random.pick(endings)(hostile(random));
  };
};

/** What some jobs' payloads decode to is thrown instead. */
const codec: Codec<string> = {
  encode: (payload) => payload,
  decode(text) {
    const [kind, n] = text.split(" ");
    const random = chance(Number(n), "decode");
    if (kind !== "bad" || random.below(8) > 0) return text;
    starts.set(text, (starts.get(text) ?? 0) + 1);
    throw hostile(random);
  },
  from: String,
};

async function workAll(engine: Engine): Promise<void> {
  const type = jobType({ name: "job", attempts: 2, backoff: { baseMs: 0, capMs: 0 }, leaseMs: 60_000, payload: codec });
  await engine.producer(type).enqueue(cases.flatMap((n) => [{ payload: `bad ${n}` }, { payload: `good ${n}` }]));
  const stop = new AbortController();
  const complain = callback("settled");
  let open = 2 * cases.length;
  await engine.work(type, handle, {
    stop: stop.signal,
    settled({ as }) {
      if (as !== "retry" && --open === 0) stop.abort();
      return untyped(complain());
    },
    observer: { ran: callback("ran"), reclaimed: callback("reclaimed") },
    deadLetters: { countMax: 10 * cases.length, removed: callback("removed") },
  });
}

/** What is told of a value, whatever it is. */
function look(n: number): void {
  const value = hostile(chance(n, "told"));
  try {
    for (const text of [errorText(value), messageOf(value)])
      if (text === "" || text.length > 2000 || !text.isWellFormed())
        mishandled(n, `is told as ${JSON.stringify(text)}`);
    if (!stackOf(value).isWellFormed() || !(errorOf(value) instanceof Error))
      mishandled(n, "has no stack or is no Error");
  } catch {
    mishandled(n, "cannot be told");
  }
}

/** Keeps the text of what was encoded last. */
function watched(codec: Codec<unknown>): Codec<unknown> & { readonly last: () => unknown } {
  let last: unknown;
  return {
    ...codec,
    encode(payload) {
      last = undefined;
      last = codec.encode(payload);
      return untyped(last);
    },
    last: () => last,
  };
}

const doors = {
  text: watched(text),
  json: watched(json({ "~standard": { validate: (value) => ({ value }) } })),
  odd: watched({ ...text, encode: untyped }),
  throws: watched({
    ...text,
    encode(payload) {
      throw payload;
    },
  }),
};

/** Refused as the caller's error, or there is what was handed over. */
async function enqueueAll(engine: Engine): Promise<void> {
  for (const [name, payload] of Object.entries(doors)) {
    const type = jobType({ name, payload });
    const producer = engine.producer(type);
    const written = new Map<string, { readonly n: number; readonly text: unknown; readonly key: unknown }>();
    const duplicates: { readonly n: number; readonly key: unknown; readonly id: string }[] = [];
    const enqueue = async (n: number): Promise<void> => {
      const random = chance(n, name);
      const some = (): unknown => (random.below(2) === 0 ? hostileText(random) : hostile(random));
      const value = some();
      const key = random.below(2) === 0 ? some() : undefined;
      try {
        const enqueuing = producer.enqueue([{ payload: value, key: untyped(key) }]);
        const text = payload.last();
        const [receipt] = await enqueuing;
        if (receipt?.outcome !== "ok") mishandled(n, `${name}: not written: ${JSON.stringify(receipt)}`);
        else if (receipt.duplicate !== true) written.set(receipt.id, { n, text, key });
        else duplicates.push({ n, key, id: receipt.id });
        if (name === "text" && text !== value) mishandled(n, "text: is taken, and is no text");
      } catch (error) {
        // Looked at as a value that may throw: it is not to be one.
        const isOurs = types.isNativeError(error) && ["TypeError", "RangeError", "OptionError"].includes(error.name);
        if (!isOurs) mishandled(n, `${name}: rejects with no such error`);
      }
    };
    await Promise.all(cases.map(enqueue));
    for (const { n, key, id } of duplicates)
      if (written.get(id)?.key !== key) mishandled(n, `${name}: its key is taken for another`);
    for await (const found of engine.inspect(type)) {
      if (!("payload" in found)) continue;
      const { n, text } = written.get(found.id) ?? { n: -1, text: undefined };
      if (!written.delete(found.id) || text !== found.payload) mishandled(n, `${name}: is held as another`);
      if (name === "json" && JSON.stringify(JSON.parse(found.payload)) !== found.payload)
        mishandled(n, "json: is no such JSON");
    }
    for (const { n } of written.values()) mishandled(n, `${name}: is not held`);
  }
}

const engine = connect({ redis: { host: "127.0.0.1", port: Number(port) }, namespace, failed: callback("failed") });
for (const n of cases) look(n);
await enqueueAll(engine);
await workAll(engine);
await engine[Symbol.asyncDispose]();
const uneven = cases.flatMap((n) => [
  ...(starts.get(`bad ${n}`) === 2 ? [] : [[`bad ${n}`, starts.get(`bad ${n}`) ?? 0] as const]),
  ...(starts.get(`good ${n}`) === 1 ? [] : [[`good ${n}`, starts.get(`good ${n}`) ?? 0] as const]),
]);
process.stdout.write(JSON.stringify({ wrong, starts: Object.fromEntries(uneven) }), () => process.exit(0));
