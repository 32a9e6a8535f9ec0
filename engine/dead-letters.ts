/**
 * What an operator does with dead jobs: look, put back to work, throw away. Letters are named by ids that are never used
 * again, and each page is one step, so that any call may be repeated, by anybody, at any time.
 */
import { ask, connected, pagesOf, valueOf, type Entry } from "./asking.ts";
import type { Broker } from "./broker.ts";
import { fieldOf } from "./entry.ts";
import { letterOf, type Letter } from "./inspect.ts";
import type { Keys } from "./keys.ts";
import { list, textOf } from "./reply.ts";
import { script } from "./script.ts";

/** A job in the dead-letter stream. */
export interface DeadJob extends Letter {
  /** Names the letter. A job that dies again has another one. */
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
  /** Puts them back to work, with all their attempts before them. How many were: what is not there any more does not count. */
  replay(which: readonly string[] | DeadLetterFilter): Promise<number>;
  /** Throws them away. How many were: what is not there any more does not count. */
  purge(which: readonly string[] | DeadLetterFilter): Promise<number>;
}

/** Payloads of any size travel in a page, and a page keeps everybody else waiting. */
const page = 100;

export const replayScript = script("replay");

export function deadLettersOf(broker: Broker, { dead, jobs }: Keys, replay = replayScript): DeadLetters {
  async function* pages(which: DeadLetterFilter): AsyncIterable<readonly DeadJob[]> {
    const from = which.after === undefined ? "-" : `(${idOf(which.after)}`;
    const fits = fitting(which);
    await connected(broker);
    // What dies again while it is put back stands behind this one: without an end, a replay would chase it for ever.
    const [newest] = list(await ask(broker, "XREVRANGE", dead, "+", "-", "COUNT", 1));
    if (newest === undefined) return;
    for await (const entries of pagesOf(broker, dead, { page, from, to: textOf(list(newest)[0]) }))
      yield entries.map(deadJobOf).filter(fits);
  }

  async function* idsOf(which: readonly string[] | DeadLetterFilter): AsyncIterable<readonly string[]> {
    if (!isIds(which)) {
      for await (const letters of pages(which)) yield letters.map(({ id }) => id);
      return;
    }
    const ids = which.map(idOf);
    await connected(broker);
    for (let at = 0; at < ids.length; at += page) yield ids.slice(at, at + page);
  }

  /** @param step answers how many of a page it found */
  async function found(
    which: readonly string[] | DeadLetterFilter,
    step: (ids: readonly string[]) => Promise<unknown>,
  ): Promise<number> {
    let count = 0;
    for await (const ids of idsOf(which)) if (ids.length > 0) count += Number(await step(ids));
    return count;
  }

  return {
    async *list(which = {}) {
      for await (const letters of pages(which)) yield* letters;
    },
    replay: (which) => found(which, async (ids) => valueOf(await broker.run(replay, [dead, jobs], ids), "replay")),
    purge: (which) => found(which, (ids) => ask(broker, "XDEL", dead, ...ids)),
  };
}

const isIds = (which: readonly string[] | DeadLetterFilter): which is readonly string[] => Array.isArray(which);

/** The broker would take half an id for all that begin with it. */
function idOf(id: string): string {
  if (!/^\d{1,20}-\d{1,20}$/.test(id))
    throw new RangeError(`"${id}" is no id of a dead letter, such as 1700000000000-0`);
  return id;
}

function fitting({ since, until, error }: DeadLetterFilter): (letter: DeadJob) => boolean {
  for (const time of [since, until])
    if (Number.isNaN(time)) throw new RangeError("since and until are numbers of ms since 1970");
  return ({ failedAt, firstError, lastError }) =>
    (since === undefined || failedAt >= since) &&
    (until === undefined || failedAt < until) &&
    (error === undefined || firstError.includes(error) || lastError.includes(error));
}

const deadJobOf = ([id, fields]: Entry): DeadJob => ({
  id,
  job: fieldOf(fields, "job") ?? "",
  payload: fieldOf(fields, "payload") ?? "",
  ...letterOf(fields),
});
