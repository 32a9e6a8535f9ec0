/** The doors at which options are taken, each with sound ones, and with what it takes in words of its own. */
import { z } from "zod";
import { connect, jobType } from "../../engine/index.ts";
import { queue } from "../../engine/service/index.ts";
import { wordsOf } from "../../engine/service/words.ts";
import type { NonEmpty } from "../../std/random.ts";

type Fits = (value: unknown) => boolean;

export interface OptionDoor {
  readonly name: string;
  readonly sound: () => object;
  readonly takes: Readonly<Record<string, Fits>>;
  /** Whether it refuses what it does not know. */
  readonly isStrict: boolean;
  /** In what its errors say, where that is not the option's name. */
  readonly named?: RegExp;
  readonly open: (options: object) => unknown;
}

const centuryMs = 3_155_760_000_000;
const isWhole =
  (from: number, to = Number.MAX_SAFE_INTEGER): Fits =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to;
const isNumber =
  (from: number, to: number): Fits =>
  (value) =>
    typeof value === "number" && value >= from && value <= to;
const isText =
  (form: RegExp, most = 200): Fits =>
  (value) =>
    typeof value === "string" && value.length >= 1 && value.length <= most && value.isWellFormed() && form.test(value);
const any = /^/;
const isFunction: Fits = (value) => typeof value === "function";
const isLeftOut: Fits = (value) => value === undefined;
const or =
  (...some: readonly Fits[]): Fits =>
  (value) =>
    some.some((fits) => fits(value));
const optional = (fits: Fits): Fits => or(isLeftOut, fits);
/** Whether that is so; what throws when it is looked at is nothing that fits. */
const safely =
  (fits: Fits): Fits =>
  (value) => {
    try {
      return fits(value);
    } catch {
      return false;
    }
  };
const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
/** Of several options all of which may be left out. */
const isEmpty = safely((value) => isObject(value) && Object.keys(value).length === 0);
const isWeights = safely(
  (value) =>
    isObject(value) &&
    Object.keys(value).length > 0 &&
    Object.entries(value).every(([name, weight]) => /^[\w.-]+$/.test(name) && isNumber(0.001, 1000)(weight)),
);
const isSignal = safely((value) => value instanceof AbortSignal && typeof value.aborted === "boolean");

const retention = {
  countMax: optional(isWhole(0)),
  ageMsMax: optional(isNumber(0, centuryMs)),
  removed: optional(isFunction),
};
const how = {
  concurrency: optional(isWhole(1, 100_000)),
  graceMs: optional(isNumber(0, centuryMs)),
  deadLetters: optional(isEmpty),
};
const type = jobType({ name: "job" });
const redis = { host: "127.0.0.1", port: 1 };
const stop = AbortSignal.abort();

/** As a caller without types has it. */
const odd = (value: unknown): never => z.custom<never>().parse(value);

/** No name is looked up. */
function here(options: object): object {
  const fits = safely(() => isText(/^\S+$/)(Reflect.get(options, "host")))(undefined);
  return fits ? Object.defineProperty(options, "host", { value: redis.host }) : options;
}

/** A flag is text, whatever else. */
function worded(options: object, name: string): string {
  const value = valueOf(options, name);
  return typeof value === "string" ? value : "no text";
}

function valueOf(options: object, name: string): unknown {
  try {
    return Reflect.get(options, name);
  } catch {
    return undefined;
  }
}

/** There is no broker: whoever comes so far was let in. */
async function answered(answer: Promise<unknown>): Promise<void> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof RangeError || !(error instanceof Error) || !error.message.includes("not connected"))
      throw error;
  }
}

// long: a table, one entry for each door
export async function openDoors(): Promise<AsyncDisposable & { readonly all: NonEmpty<OptionDoor> }> {
  const engine = connect({ redis, namespace: "fuzz" });
  const producer = engine.producer(type);
  const layered = engine.producer(jobType({ name: "layered", priorities: { high: 8, low: 1 } }));
  // They answer at once, and look at their options before.
  await Promise.all([producer[Symbol.asyncDispose](), layered[Symbol.asyncDispose]()]);
  const closed = connect({ redis, namespace: "fuzz" });
  const letters = closed.deadLetters(type);
  const keys = closed.keys(type);
  await closed[Symbol.asyncDispose](); // these say at once that nobody answers
  const connected = async (options: object): Promise<void> =>
    connect({ redis: odd(options), namespace: "fuzz" })[Symbol.asyncDispose]();
  const strict = (
    name: string,
    takes: OptionDoor["takes"],
    open: OptionDoor["open"],
    sound: OptionDoor["sound"] = () => ({}),
  ): OptionDoor => ({ name, takes, open, sound, isStrict: true });
  const loose = (...of: Parameters<typeof strict>): OptionDoor => ({ ...strict(...of), isStrict: false });

  const layout = {
    name: isText(/^[\w.:-]+$/),
    priorities: optional(isWeights),
    shards: optional(isWhole(1, 1024)),
  };
  const all: NonEmpty<OptionDoor> = [
    strict(
      "jobType",
      {
        ...layout,
        attempts: optional(isWhole(1)),
        backoff: optional(isEmpty),
        leaseMs: optional(isNumber(500, centuryMs)),
        concurrency: optional(isWhole(1, 100_000)),
        maxDeliveries: optional(isWhole(1)),
        timeoutMs: optional(isNumber(1, centuryMs)),
        maxDepth: optional(isWhole(1)),
        rememberMs: optional(isNumber(1000, centuryMs)),
        payloadBytesMax: optional(isWhole(1, 2 ** 26)),
        payload: isLeftOut,
      },
      (options) => jobType(odd(options)),
      () => ({ name: "job" }),
    ),
    strict(
      "baseMs",
      { baseMs: optional(isNumber(0, centuryMs)) },
      (options) => jobType({ name: "job", backoff: odd(options) }),
      () => ({ capMs: centuryMs }),
    ),
    strict(
      "capMs",
      { capMs: optional(isNumber(0, centuryMs)) },
      (options) => jobType({ name: "job", backoff: odd(options) }),
      () => ({ baseMs: 0 }),
    ),
    loose(
      "priorities",
      { high: isNumber(0.001, 1000), low: isNumber(0.001, 1000) },
      (options) => jobType({ name: "job", priorities: odd(options) }),
      () => ({ high: 8, low: 1 }),
    ),
    strict(
      "connect",
      {
        namespace: isText(/^[^{}*?[\]\\\p{Cc}]+$/u),
        name: optional(isText(/^(?!~)[!-~]+$/)),
        failed: optional(isFunction),
        blocking: isLeftOut,
      },
      async (options) => connect(odd(options))[Symbol.asyncDispose](),
      () => ({ redis, namespace: "fuzz" }),
    ),
    loose(
      "redis",
      {
        host: isText(/^\S+$/),
        port: isWhole(1, 65_535),
        username: optional(isText(any)),
        password: optional((value) => typeof value === "string" && value !== ""),
      },
      (options) => connected(here(options)),
      () => ({ ...redis }),
    ),
    {
      ...strict(
        "cluster",
        { cluster: () => false, via: optional(isFunction) },
        (options) => connected(options),
        () => ({ cluster: [redis] }),
      ),
      named: /redis/,
    },
    strict("producer", { deadlineMs: optional(isNumber(1, 300_000)), lanes: optional(isWhole(1, 1000)) }, (options) =>
      engine.producer(type, odd(options)),
    ),
    strict(
      "enqueue",
      {
        delayMs: optional(isNumber(0, centuryMs)),
        key: optional(isText(any, 500)),
      },
      (options) => producer.enqueue([{ payload: "a" }, odd(options)]),
      () => ({ payload: "b", delayMs: 0 }),
    ),
    {
      ...strict(
        "enqueue at",
        { at: optional(isNumber(0, 8.64e15)), priority: (value) => value === "high" },
        (options) => layered.enqueue([odd(options)]),
        () => ({ payload: "a", at: 0, priority: "high" }),
      ),
      named: /\bat\b|priorit/,
    },
    strict(
      "work",
      {
        ...how,
        stop: isSignal,
        sweepMs: optional(isNumber(10, centuryMs)),
        settled: optional(isFunction),
        onStuck: optional(isFunction),
        observer: optional(isEmpty),
      },
      async (options) => engine.work(type, async () => {}, odd(options)), // it is stopped before it begins
      () => ({ stop }),
    ),
    strict("retention", retention, (options) => queue(type, undefined, { deadLetters: odd(options) })),
    strict("queue", how, (options) => queue(type, async () => {}, odd(options))),
    loose(
      "layout",
      layout,
      async (options) => void engine.keys(odd(options)),
      () => ({ name: "job" }),
    ),
    {
      ...strict(
        "letters",
        {
          since: optional(isNumber(0, 8.64e15)),
          until: optional(isNumber(0, 8.64e15)),
          error: optional(isText(any, 10_000)),
          after: optional(isText(/^\d{1,20}-\d{1,20}$/)),
        },
        (options) => answered(letters.purge(odd(options))),
      ),
      named: /dead letter/,
    },
    loose(
      "keys",
      { key: isText(any, 500) },
      (options) => answered(keys.find(odd(valueOf(options, "key")))),
      () => ({ key: "k" }),
    ),
    loose(
      "flags",
      {
        port: (value) => typeof value === "string" && /^\d{1,16}$/.test(value) && Number(value) <= 65_535,
        payload: (value) =>
          typeof value === "string" && /^\d{1,16}$/.test(value) && Number(value) >= 1 && Number(value) <= 2 ** 28,
      },
      (options) =>
        wordsOf({ host: "127.0.0.1", port: worded(options, "port"), payload: worded(options, "payload") }, undefined),
      () => ({ port: "1", payload: "1" }),
    ),
  ];
  return { all, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
}
