/**
 * A job type is declared once and used by those who enqueue and those who work: its name, its patience, its payload.
 */
import { inFlightBytesMax, payloadBytesDefault } from "./redis/bounds.ts";
import { jsonText } from "./json-value.ts";
import {
  asked,
  characters,
  dictionary,
  group,
  having,
  milliseconds,
  number,
  optional,
  optionsOf,
  or,
  refuse,
  someOf,
  whole,
  type OptionKind,
  type Options,
} from "./options.ts";
import { wordsFor } from "./std/thrown.ts";
import { atOnce } from "./user-code.ts";

export interface JobType<Payload> {
  /** Part of the keys in Redis. */
  readonly name: string;
  /** How often a job is tried in all before it is dead. */
  readonly attempts: number;
  /**
   * Wait before the n-th retry: `baseMs` doubled n - 1 times, at most `capMs`, and up to half as long again by chance.
   */
  readonly backoff: { readonly baseMs: number; readonly capMs: number };
  /** A worker that shows no sign of life for this long loses what it holds. */
  readonly leaseMs: number;
  /** Handlers at once in each worker that does not say otherwise. */
  readonly concurrency: number;
  /** In so many lone runs a job may end its worker; then it is dead, as poison. */
  readonly maxDeliveries: number;
  /**
   * After so long a handler's signal is aborted, and its attempt has failed if it gives way. Default: it may take for
   * ever.
   */
  readonly timeoutMs?: number;
  /**
   * At this depth an enqueue is refused, in each priority by itself; retries and what comes back from the dead letters
   * are not.
   */
  readonly maxDepth?: number;
  /**
   * Name to weight. While jobs of several wait, as many of each are started as their weights say; who has none waiting
   * leaves its share to the others. Left out: all jobs are alike.
   */
  readonly priorities?: Readonly<Record<string, number>>;
  /**
   * Over so many hash slots its jobs are spread, and in a cluster over its nodes. To be changed only while there is
   * none.
   */
  readonly shards: number;
  /** For so long at least, a second job with the same key of its caller's is not written. */
  readonly rememberMs: number;
  /**
   * An enqueue of a larger payload (bytes of its text in UTF-8) is refused. What a worker holds, and so how many it
   * reads at once, goes by this: give what is needed, and no more.
   */
  readonly payloadBytesMax: number;
  readonly payload: Codec<Payload>;
}

/**
 * From a payload to text and back; throws what is wrong with it. Text that UTF-8 cannot carry is refused, whoever made
 * it.
 */
export interface Codec<Payload> {
  encode(payload: Payload): string;
  decode(text: string): Payload;
  /** From what came as JSON, such as over HTTP. */
  from(value: unknown): Payload;
}

function asText(value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(`its payload is text, not ${wordsFor(value)}`);
}

/** The payload is text, handed over byte for byte. */
export const text: Codec<string> = { encode: asText, decode: (payload) => payload, from: asText };

/** What a validator library offers under the name Standard Schema, as far as it is needed here. */
export interface Schema<Output> {
  readonly "~standard": {
    readonly validate: (value: unknown) => Validated<Output> | Promise<Validated<Output>>;
  };
}
type Validated<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

/** Some libraries' schemas are functions. */
const checkedSchema: OptionKind<unknown> = (schema, name) => {
  const standard = (typeof schema === "object" && schema !== null) || typeof schema === "function" ? schema : undefined;
  const offered: unknown = standard && asked(() => Reflect.get(standard, "~standard"), name);
  const takes = "a schema of zod, valibot, arktype or another library with the Standard Schema interface";
  return typeof offered === "object" && offered !== null && typeof Reflect.get(offered, "validate") === "function"
    ? schema
    : refuse(name, takes, schema);
};

/**
 * The payload is JSON and checked by a schema of zod, valibot, arktype, ... when it is enqueued and when it is read.
 * What JSON would change without a word (NaN, a function, a Map, ...) is refused, where the schema lets it pass.
 * @throws RangeError for what is no schema
 */
export function json<Payload>(schema: Schema<Payload>): Codec<Payload> {
  checkedSchema(schema, "json: its schema");
  const checked = (value: unknown): Payload => {
    const result = atOnce(schema["~standard"].validate(value));
    if (result.issues !== undefined) throw new TypeError(result.issues.map(({ message }) => message).join("; "));
    return result.value;
  };
  return {
    encode: (payload) => jsonText(checked(payload)),
    decode: (payload) => checked(JSON.parse(payload)),
    from: checked,
  };
}

type Chosen = Partial<Omit<JobType<unknown>, "name" | "backoff" | "payload">> & {
  readonly name: string;
  readonly backoff?: Partial<JobType<unknown>["backoff"]>;
};

/** Weights that are further apart would be lost in a sum of them. */
const weight = number(0.001, 1000);

const priorityName = characters("letters, digits and . _ -", /^[\w.-]+$/);

const priorities: OptionKind<Readonly<Record<string, number>>> = (value, name) => {
  const weights = dictionary(priorityName, weight)(value, name);
  return Object.keys(weights).length > 0 ? weights : refuse(name, "left out where all jobs are alike", value);
};

const layoutKinds = {
  name: characters("letters, digits and . : _ -", /^[\w.:-]+$/),
  priorities: optional(priorities),
  /** Each has a connection in each worker. */
  shards: or(1, whole(1, 1024)),
};

/** A settlement looks at all that its worker has in hand, which is a few times as much. */
export const concurrencyKind = whole(1, 100_000);

const kinds = {
  ...layoutKinds,
  attempts: or(5, whole(1)),
  backoff: or({}, group({ baseMs: optional(milliseconds(0)), capMs: optional(milliseconds(0)) })),
  leaseMs: or(5000, milliseconds(500)),
  concurrency: or(50, concurrencyKind),
  maxDeliveries: or(3, whole(1)),
  timeoutMs: optional(milliseconds(1)),
  maxDepth: optional(whole(1)),
  rememberMs: or(86_400_000, milliseconds(1000)),
  payloadBytesMax: or(payloadBytesDefault, whole(1, inFlightBytesMax)),
};

/** @throws RangeError for values that cannot work */
export function jobType(chosen: Chosen): JobType<string>;
export function jobType<Payload>(chosen: Chosen & { readonly payload: Codec<Payload> }): JobType<Payload>;
export function jobType<Payload>(
  chosen: Chosen & { readonly payload?: Codec<Payload> },
): JobType<Payload> | JobType<string> {
  const { payload, ...rest } = optionsOf("jobType", chosen, { ...kinds, payload: optional(codec<Payload>()) });
  const type = { ...rest, backoff: backoffOf(rest.backoff) };
  return payload === undefined ? { ...type, payload: text } : { ...type, payload };
}

/** What is handed over as a job type, whoever made it. @throws RangeError for values that cannot work */
export function checkedType<Payload>(type: JobType<Payload>): JobType<Payload> {
  const checked = someOf("the job type", type, { ...kinds, payload: codec<Payload>() });
  return { ...checked, backoff: backoffOf(checked.backoff) };
}

/** The same of what says where its jobs stand. */
export const checkedLayout = (type: Pick<JobType<unknown>, keyof typeof layoutKinds>): Options<typeof layoutKinds> =>
  someOf("the job type", type, layoutKinds);

function backoffOf({
  baseMs = 2000,
  capMs = 3_600_000,
}: Partial<JobType<unknown>["backoff"]>): JobType<unknown>["backoff"] {
  if (capMs >= baseMs) return { baseMs, capMs };
  return refuse("jobType: backoff.capMs", `at least baseMs, which is ${baseMs}`, capMs);
}

const codec = <Payload>(): OptionKind<Codec<Payload>> =>
  having<Codec<Payload>>(["encode", "decode", "from"], "a codec, such as text or json(schema)");
