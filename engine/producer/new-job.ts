/**
 * Checks the jobs that a caller enqueues: each is one object from here to the script, which takes it as two arguments.
 */
import { anything, characters, milliseconds, OptionError, optional, optionsOf, time } from "../options.ts";

/** What an enqueue takes: one job, with all that its caller says of it. */
export interface NewJob<Payload> {
  readonly payload: Payload;
  /** It must not start earlier than this after it was written, by the broker's clock. */
  readonly delayMs?: number | undefined;
  /** It must not start before this time in ms since 1970, by the broker's clock. Not together with `delayMs`. */
  readonly at?: number | undefined;
  /**
   * A second job under the same key is not written within the deduplication window (see the job type's `rememberMs`).
   * Its receipt has the id of the first. That their payloads are the same is the caller's business: nobody compares
   * them.
   */
  readonly key?: string | undefined;
  /** One of those that the job type has; it must be given where there are some. */
  readonly priority?: string | undefined;
}

export const callerKey = characters("a key of its caller's", /^/, 500);

const kinds = {
  /** Its codec knows. */
  payload: anything,
  delayMs: optional(milliseconds(0)),
  at: optional(time),
  key: optional(callerKey),
  priority: optional(characters("one that its job type has")),
};

/**
 * @param index of the job in its list
 * @throws OptionError for what is no job, an unknown field, and a time or a key that is none
 */
export function newJobOf(given: unknown, index: number): NewJob<unknown> {
  const door = `enqueue: job ${index}`;
  const { payload, delayMs, at, key, priority } = optionsOf(door, given, kinds);
  if (delayMs !== undefined && at !== undefined)
    throw new OptionError(`${door}: it starts after a delay (delayMs) or at a time (at), not both`);
  return { payload, delayMs, at, key, priority };
}

/** As the script `enqueue` takes it: the payload byte for byte, and what else is said of the job as JSON. */
export const argumentsOf = ({ payload, delayMs, at, key }: NewJob<string>): readonly [string, string] => [
  payload,
  // Most have no terms, and a producer makes these for each.
  delayMs === undefined && at === undefined && key === undefined ? "{}" : JSON.stringify({ delayMs, at, key }),
];
