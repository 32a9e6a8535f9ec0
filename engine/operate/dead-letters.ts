/**
 * What an operator does with dead jobs: look, put back to work, throw away. Letters are named by ids that are never
 * used again, and each page is one step, so that any call may be repeated, by anybody, at any time.
 */
import { connected, pagesOf, valueOf, type Entry } from "../redis/asking.ts";
import { stepBytesMax } from "../redis/bounds.ts";
import type { Answer, Broker } from "../redis/broker.ts";
import { fieldOf, isBefore } from "../redis/entry.ts";
import { letterOf, type Letter } from "./inspect.ts";
import { letterNames, type NamedLetter } from "./letter-name.ts";
import type { DeadKeys } from "../redis/keys.ts";
import { characters, isList, listOf, optional, optionsOf, time } from "../options.ts";
import { list, textOf } from "../redis/reply.ts";
import { script } from "../redis/script.ts";

/** A job in the dead-letter stream. */
export interface DeadJob extends Letter {
  /** Names the letter; the shard stands before it where there are several. A job that dies again has another one. */
  readonly id: string;
  /** The job's own id, which it keeps. */
  readonly job: string;
  readonly payload: string;
}

/** All that is asked for must be so; `{}` is every letter. Times are ms since 1970 by the broker's clock. */
export interface DeadLetterFilter {
  /** Failed for the last time at this time or later. */
  readonly since?: number;
  /** Failed for the last time before this time. */
  readonly until?: number;
  /** Is contained in its first or its last error. */
  readonly error?: string;
  /** Stands behind the letter of this id, there or not: where a list is to go on. */
  readonly after?: string;
}

/**
 * All of them reject with a RangeError for what is no id or no time, and with an Error when the broker does not answer:
 * then some pages were done, and the call can be repeated. What came in after it began is not touched.
 */
export interface DeadLetters {
  /** Oldest first, read page by page as they are taken. */
  list(which?: DeadLetterFilter): AsyncIterable<DeadJob>;
  /**
   * Puts them back to work, with all their attempts before them. How many were: what is not there any more does not
   * count.
   */
  replay(which: readonly string[] | DeadLetterFilter): Promise<number>;
  /** Throws them away, and frees their callers' keys. How many were: what is not there any more does not count. */
  purge(which: readonly string[] | DeadLetterFilter): Promise<number>;
}

/** Ids that one step names. */
const page = 100;

export const replayScript = script("replay");
const newestScript = script("newest");
const purgeScript = script("purge");

/** The dead letters of a shard, and where each of them is put back. */
export interface Graveyard {
  readonly broker: Broker;
  readonly keys: DeadKeys;
  /** Priority to stream. */
  readonly jobs: ReadonlyMap<string, string>;
}

/** @param shards in their order */
export function deadLettersOf(shards: readonly Graveyard[], replay = replayScript): DeadLetters {
  const reader = readerOf(shards);

  /** @param step answers how many of a page it found */
  async function found(
    given: readonly string[] | DeadLetterFilter,
    step: (shard: Graveyard, ids: readonly string[]) => Promise<number>,
  ): Promise<number> {
    let count = 0;
    const which = isList(given, door) ? ids(given, door) : optionsOf(door, given, filterKinds);
    for (const [shard, graveyard] of shards.entries())
      for await (const ids of reader.idsIn(shard, which)) if (ids.length > 0) count += await step(graveyard, ids);
    return count;
  }

  return {
    list: (which = {}) => reader.letters(which),
    replay: (which) =>
      found(which, async ({ broker, keys, jobs }, ids) => {
        let count = 0;
        for (const [priority, stream] of jobs)
          count += await inSteps("replay", ids, (rest) =>
            broker.run(replay, [keys.dead, stream], [priority, stepBytesMax, ...rest]),
          );
        return count;
      }),
    purge: (which) =>
      found(which, ({ broker, keys: { dead, known, knownBefore } }, ids) =>
        inSteps("purge", ids, (rest) => broker.run(purgeScript, [dead, known, knownBefore], [stepBytesMax, ...rest])),
      ),
  };
}

interface Reader {
  /** Of all shards, oldest first. */
  letters(which: DeadLetterFilter): AsyncIterable<DeadJob>;
  /** Ids by page, as the shard's stream has them. */
  idsIn(shard: number, which: readonly string[] | DeadLetterFilter): AsyncIterable<readonly string[]>;
}

function readerOf(shards: readonly Graveyard[]): Reader {
  const names = letterNames(shards.length);

  /** @param without a field that is not needed; the lists of all shards together are read ahead by one page. */
  async function* pagesIn(shard: number, which: DeadLetterFilter, without = ""): AsyncIterable<readonly DeadJob[]> {
    const {
      broker,
      keys: { dead },
    } = at(shards, shard);
    const after = which.after === undefined ? undefined : names.read(which.after);
    const fits = fitting(which);
    await connected(broker);
    // What dies again while it is put back stands behind this one: without an end, a replay would chase it for ever.
    const to = textOf(valueOf(await broker.run(newestScript, [dead], []), "XREVRANGE"));
    if (to === "" || (after !== undefined && isBefore(to, after.id))) return;
    const from = after === undefined ? "-" : behind(after, shard);
    const bytes = Math.ceil(stepBytesMax / shards.length);
    for await (const entries of pagesOf(broker, dead, { from, to, bytes, without }))
      yield entries.map((entry) => deadJobOf(entry, names.of(shard, entry[0]))).filter(fits);
  }

  async function* lettersIn(shard: number, which: DeadLetterFilter): AsyncIterable<DeadJob> {
    for await (const letters of pagesIn(shard, which)) yield* letters;
  }

  return {
    async *letters(given) {
      const which = optionsOf(door, given, filterKinds);
      const lists = shards.map((_, shard) => lettersIn(shard, which));
      yield* merged(lists, (one, other) => isBefore(names.read(one.id).id, names.read(other.id).id));
    },
    async *idsIn(shard, which) {
      if (!isList(which, door)) {
        for await (const letters of pagesIn(shard, which, "payload")) yield letters.map(({ id }) => names.read(id).id);
        return;
      }
      const named = which.map((id) => names.read(id));
      const ids = named.filter((one) => one.shard === shard).map(({ id }) => id);
      await connected(at(shards, shard).broker);
      for (let from = 0; from < ids.length; from += page) yield ids.slice(from, from + page);
    },
  };
}

/** @param step a script that answers how many ids it found, and after how many it ended, since they had bytes enough */
async function inSteps(
  deed: string,
  ids: readonly string[],
  step: (rest: readonly string[]) => Promise<Answer>,
): Promise<number> {
  let count = 0;
  for (let rest = ids; rest.length > 0;) {
    const [found = 0, seen = 1] = list(valueOf(await step(rest), deed)).map(Number);
    count += found;
    rest = rest.slice(seen);
  }
  return count;
}

/**
 * Where a shard's part of the list goes on behind a letter of any shard; of the same id, those of lower shards come
 * first.
 */
const behind = (after: NamedLetter, shard: number): string => (shard > after.shard ? after.id : `(${after.id}`);

/** Each of them in order, in one order. Of two that are alike, that of the earlier list comes first. */
async function* merged<T>(
  lists: readonly AsyncIterable<T>[],
  comesBefore: (one: T, other: T) => boolean,
): AsyncIterable<T> {
  const [only] = lists;
  if (only !== undefined && lists.length === 1) return yield* only;
  const readers = lists.map((each) => each[Symbol.asyncIterator]());
  const heads = await Promise.all(readers.map((reader) => reader.next()));
  for (;;) {
    let first: { readonly value: T; readonly of: number } | undefined;
    for (const [of, { done, value }] of heads.entries())
      if (done !== true && (first === undefined || comesBefore(value, first.value))) first = { value, of };
    if (first === undefined) return;
    yield first.value;
    const reader = readers[first.of];
    if (reader !== undefined) heads[first.of] = await reader.next();
  }
}

function at<T>(all: readonly T[], index: number): T {
  const one = all[index];
  if (one === undefined) throw new RangeError(`there is no ${index} among ${all.length}`);
  return one;
}

const door = "dead letters";
const id = characters("the id of a dead letter");
const ids = listOf(id, 1_000_000);
const filterKinds = {
  since: optional(time),
  until: optional(time),
  error: optional(characters("a part of its first or last error", /^/, 10_000)),
  after: optional(id),
};

function fitting({ since, until, error }: DeadLetterFilter): (letter: DeadJob) => boolean {
  return ({ failedAt, firstError, lastError }) =>
    (since === undefined || failedAt >= since) &&
    (until === undefined || failedAt < until) &&
    (error === undefined || firstError.includes(error) || lastError.includes(error));
}

const deadJobOf = ([, fields]: Entry, id: string): DeadJob => ({
  id,
  job: fieldOf(fields, "job") ?? "",
  payload: fieldOf(fields, "payload") ?? "",
  ...letterOf(fields),
});
