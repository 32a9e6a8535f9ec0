/** When each job of an enqueue may start, and under which key it stands: as the script reads it. */
import { wordsFor } from "./thrown.ts";
import { halfPair } from "./user-code.ts";

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

/** A hundred years. */
const delayMsMax = 3_155_760_000_000;
/** The last moment that a Date knows. */
const atMax = 8_640_000_000_000_000;
const keyLengthMax = 500;

/**
 * One for each of so many jobs.
 * @throws RangeError for a time or a key that is none, or lists that are not as long as the jobs are many
 */
export function termsOf(count: number, { delayMs, at, key }: EnqueueOptions): readonly string[] {
  if (delayMs !== undefined && at !== undefined)
    throw new RangeError("a job starts after a delay (delayMs) or at a time (at), not both");
  if (typeof key === "string" && count > 1)
    throw new RangeError(`${count} jobs cannot have one key: give a list of keys`);
  const starts =
    at === undefined
      ? eachOf(delayMs ?? 0, count, "delayMs").map((ms) => delayTerm(ms))
      : eachOf(at, count, "at").map((ms) => `@${timeTerm(ms)}`);
  if (key === undefined) return starts;
  const keys = eachOf(key, count, "key");
  return starts.map((start, index) => start + keyTerm(keys[index]));
}

/** @throws RangeError for a list of another length */
export function eachOf<T extends string | number | undefined>(
  value: T | readonly T[],
  count: number,
  name: string,
): readonly T[] {
  if (typeof value !== "object") return Array.from({ length: count }, () => value);
  if (value.length !== count) throw new RangeError(`${name} has ${value.length} values for ${count} jobs`);
  return value;
}

function delayTerm(ms: number): string {
  if (ms >= 0 && ms <= delayMsMax) return String(Math.ceil(ms));
  throw new RangeError(`a delay is a number of ms from 0 to ${delayMsMax}, not ${ms}`);
}

function timeTerm(ms: number): string {
  if (ms >= 0 && ms <= atMax) return String(Math.ceil(ms));
  throw new RangeError(`a time is in ms since 1970, up to ${atMax}, not ${ms}`);
}

function keyTerm(key: unknown): string {
  if (key === undefined) return "";
  if (typeof key !== "string") throw new RangeError(`a key is text, not ${wordsFor(key)}`);
  if (key === "" || key.length > keyLengthMax)
    throw new RangeError(`a key has 1 to ${keyLengthMax} characters, not ${key.length}`);
  // Two that differ in such a half alone would be one to the broker.
  if (!key.isWellFormed()) throw new RangeError(`a key ${halfPair}`);
  return ` ${key}`;
}
