/** A job type is declared once and used by those who enqueue and those who work: its name, its patience, its payload. */
import { handBytesMax, payloadBytesDefault } from "./bounds.ts";
import { jsonText } from "./json-value.ts";
import { wordsFor } from "./thrown.ts";
import { atOnce } from "./user-code.ts";

export interface JobType<Payload> {
  /** Part of the keys in Redis. */
  readonly name: string;
  /** How often a job is tried in all before it is dead. */
  readonly attempts: number;
  /** Wait before the n-th retry: `baseMs` doubled n - 1 times, at most `capMs`, and up to half as long again by chance. */
  readonly backoff: { readonly baseMs: number; readonly capMs: number };
  /** A worker that shows no sign of life for this long loses what it holds. */
  readonly leaseMs: number;
  /** Handlers at once in each worker that does not say otherwise. */
  readonly concurrency: number;
  /** In so many lone runs a job may end its worker; then it is dead, as poison. */
  readonly maxDeliveries: number;
  /** After so long a handler's signal is aborted, and its attempt has failed if it gives way. Default: it may take for ever. */
  readonly timeoutMs?: number;
  /** At this depth an enqueue is refused, in each priority by itself; retries and what comes back from the dead letters are not. */
  readonly maxDepth?: number;
  /**
   * Name to weight. While jobs of several wait, as many of each are started as their weights say; who has none waiting leaves
   * its share to the others. Left out: all jobs are alike.
   */
  readonly priorities?: Readonly<Record<string, number>>;
  /** Over so many hash slots its jobs are spread, and in a cluster over its nodes. To be changed only while there is none. */
  readonly shards: number;
  /** For so long at least, a second job with the same key of its caller's is not written. */
  readonly rememberMs: number;
  /**
   * An enqueue of a larger payload (bytes of its text in UTF-8) is refused. What a worker holds, and so how many it reads at once,
   * goes by this: give what is needed, and no more.
   */
  readonly payloadBytesMax: number;
  readonly payload: Codec<Payload>;
}

/** From a payload to text and back; throws what is wrong with it. Text that UTF-8 cannot carry is refused, whoever made it. */
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

/**
 * The payload is JSON and checked by a schema of zod, valibot, arktype, ... when it is enqueued and when it is read. What JSON would
 * change without a word (NaN, a function, a Map, ...) is refused, where the schema lets it pass.
 */
export function json<Payload>(schema: Schema<Payload>): Codec<Payload> {
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

/** What a timer can wait. */
const timeoutMsMax = 2 ** 31 - 1;

type Chosen = Partial<
  Pick<
    JobType<unknown>,
    | "attempts"
    | "leaseMs"
    | "concurrency"
    | "maxDeliveries"
    | "timeoutMs"
    | "maxDepth"
    | "priorities"
    | "shards"
    | "rememberMs"
    | "payloadBytesMax"
  >
> & {
  readonly name: string;
  readonly backoff?: Partial<JobType<unknown>["backoff"]>;
};

/** @throws RangeError for values that cannot work */
export function jobType(chosen: Chosen): JobType<string>;
export function jobType<Payload>(chosen: Chosen & { readonly payload: Codec<Payload> }): JobType<Payload>;
export function jobType<Payload>(
  chosen: Chosen & { readonly payload?: Codec<Payload> },
): JobType<Payload> | JobType<string> {
  const {
    name,
    attempts = 5,
    leaseMs = 5000,
    concurrency = 50,
    maxDeliveries = 3,
    timeoutMs,
    maxDepth,
    priorities,
    shards = 1,
    rememberMs = 86_400_000,
    payloadBytesMax = payloadBytesDefault,
  } = chosen;
  const backoff = { baseMs: 2000, capMs: 3_600_000, ...chosen.backoff };
  if (!/^[\w.:-]+$/.test(name)) throw new RangeError(`a job type's name is letters, digits and . : _ -, not "${name}"`);
  if (!Number.isInteger(attempts) || attempts < 1)
    throw new RangeError(`attempts is a whole number from 1, not ${attempts}`);
  if (!Number.isInteger(maxDeliveries) || maxDeliveries < 1)
    throw new RangeError(`maxDeliveries is a whole number from 1, not ${maxDeliveries}`);
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new RangeError(`concurrency is a whole number from 1, not ${concurrency}`);
  if (!(leaseMs >= 500)) throw new RangeError(`a lease is at least 500 ms, not ${leaseMs}`);
  if (!(backoff.baseMs >= 0 && backoff.capMs >= backoff.baseMs))
    throw new RangeError(`a backoff needs 0 <= baseMs <= capMs, not ${backoff.baseMs} and ${backoff.capMs}`);
  if (timeoutMs !== undefined && !(timeoutMs >= 1 && timeoutMs <= timeoutMsMax))
    throw new RangeError(`timeoutMs is from 1 to ${timeoutMsMax}, not ${timeoutMs}`);
  if (maxDepth !== undefined && (!Number.isInteger(maxDepth) || maxDepth < 1))
    throw new RangeError(`maxDepth is a whole number from 1, not ${maxDepth}`);
  if (priorities !== undefined) checkPriorities(priorities);
  if (!Number.isInteger(shards) || shards < 1) throw new RangeError(`shards is a whole number from 1, not ${shards}`);
  if (!(rememberMs >= 1000)) throw new RangeError(`rememberMs is at least 1000, not ${rememberMs}`);
  if (!Number.isInteger(payloadBytesMax) || payloadBytesMax < 1 || payloadBytesMax > handBytesMax)
    throw new RangeError(`payloadBytesMax is a whole number from 1 to ${handBytesMax}, not ${payloadBytesMax}`);
  const rest = {
    name,
    attempts,
    leaseMs,
    concurrency,
    maxDeliveries,
    backoff,
    shards,
    rememberMs,
    payloadBytesMax,
    ...(priorities !== undefined && { priorities }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(maxDepth !== undefined && { maxDepth }),
  };
  return chosen.payload === undefined ? { ...rest, payload: text } : { ...rest, payload: chosen.payload };
}

function checkPriorities(priorities: Readonly<Record<string, number>>): void {
  const all = Object.entries(priorities);
  if (all.length === 0) throw new RangeError("priorities has no member: leave it out where all jobs are alike");
  for (const [name, weight] of all) {
    if (!/^[\w.-]+$/.test(name)) throw new RangeError(`a priority's name is letters, digits and . _ -, not "${name}"`);
    if (!(weight > 0 && weight < Infinity))
      throw new RangeError(`the weight of priority ${name} is a number above 0, not ${weight}`);
  }
}
