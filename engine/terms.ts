/** When each job of an enqueue may start, and under which key it stands: as the script reads it. */
import {
  anything,
  characters,
  eachOf,
  milliseconds,
  OptionError,
  optional,
  optionsOf,
  or,
  time,
  type Kind,
} from "./options.ts";

export interface EnqueueOptions {
  /** They must not start earlier than this after they were written, by the broker's clock: one for all, or one for each. */
  readonly delayMs?: number | readonly number[];
  /** They must not start before this time in ms since 1970, by the broker's clock: one for all, or one for each. Not together with `delayMs`. */
  readonly at?: number | readonly number[];
  /**
   * One for each: a second job under the same key is not written while the key is remembered (see the job type's `rememberMs`).
   * Its receipt has the id of the first. That their payloads are the same is the caller's business: nobody compares them.
   */
  readonly key?: string | readonly (string | undefined)[];
  /** One for all, or one for each: of those that the job type has. */
  readonly priority?: string | readonly string[];
}

/** What an enqueue says of each of its jobs. */
export interface Terms {
  /** As the script reads them. */
  readonly terms: readonly string[];
  readonly keys: readonly (string | undefined)[];
  /** "" where it has none. */
  readonly priorities: readonly string[];
}

/** One for all or a list: looked at once it is known for how many. */
const kinds = { delayMs: anything, at: anything, key: anything, priority: anything };

const delay = or(0, milliseconds(0));
export const callerKey = characters("a key of its caller's", /^/, 500);
const keyKind = optional(callerKey);
const namedPriority = characters("one that its job type has");
const priorityKind: Kind<string> = (value, name) =>
  value === undefined || value === "" ? "" : namedPriority(value, name);

/**
 * For so many jobs.
 * @throws RangeError for a time or a key that is none, or lists that are not as long as the jobs are many
 */
export function termsOf(count: number, given: EnqueueOptions): Terms {
  const { delayMs, at, key, priority } = optionsOf("enqueue", given, kinds);
  if (delayMs !== undefined && at !== undefined)
    throw new OptionError("enqueue: a job starts after a delay (delayMs) or at a time (at), not both");
  if (typeof key === "string" && count > 1)
    throw new OptionError(`enqueue: key must be a list, got one for ${count} jobs: a second one would not be written`);
  const starts =
    at !== undefined
      ? eachOf(at, count, time, "enqueue: at").map((ms) => `@${Math.ceil(ms)}`)
      : eachOf(delayMs, count, delay, "enqueue: delayMs").map((ms) => String(Math.ceil(ms)));
  const keys = eachOf(key, count, keyKind, "enqueue: key");
  return {
    terms: key === undefined ? starts : starts.map((start, index) => start + keyTerm(keys[index])),
    keys,
    priorities: eachOf(priority, count, priorityKind, "enqueue: priority"),
  };
}

const keyTerm = (key: string | undefined): string => (key === undefined ? "" : ` ${key}`);
