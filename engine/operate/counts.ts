/** How a queue stands, in one cheap question: what a metric, an autoscaler and an operator look at. */
import { connected, valueOf } from "../redis/asking.ts";
import type { Broker } from "../redis/broker.ts";
import { group, type Keys } from "../redis/keys.ts";
import { list } from "../redis/reply.ts";
import { script } from "../redis/script.ts";

/**
 * All of one moment, where a job type has one shard and no priorities; else each of its parts is. No job goes from one
 * to another.
 */
export interface Counts {
  /** Nobody works on it, and it may run. */
  readonly waiting: number;
  /** In a worker's hands, even if that worker is dead and nobody knows yet. */
  readonly active: number;
  /** Enqueued with a delay, or a retry that waits out its backoff. */
  readonly delayed: number;
  readonly dead: number;
  /** For how long the oldest job that is not settled has been due; undefined where none is. */
  readonly oldestMs: number | undefined;
  /** The broker's clock, ms since 1970. */
  readonly brokerMs: number;
}

const counts = script("counts");

/**
 * Of the parts of a shard, which have their dead letters in one place. @throws Error when the broker does not answer
 */
export async function countsOf(broker: Broker, parts: readonly Keys[]): Promise<Counts> {
  await connected(broker);
  const all = await Promise.all(parts.map((keys) => countsOfPart(broker, keys)));
  return sumOf(all.map((counts, n) => (n === 0 ? counts : { ...counts, dead: 0 })));
}

async function countsOfPart(broker: Broker, { jobs, delayed, dead }: Keys): Promise<Counts> {
  const answer = list(valueOf(await broker.run(counts, [jobs, delayed, dead], [group]), "the counts"));
  const [waiting = 0, active = 0, later = 0, letters = 0, brokerMs = 0, oldestMs = -1] = answer.map(Number);
  return {
    waiting,
    active,
    delayed: later,
    dead: letters,
    oldestMs: oldestMs < 0 ? undefined : oldestMs,
    brokerMs,
  };
}

/** @param all at least one */
export const sumOf = (all: readonly Counts[]): Counts => {
  const sum = (count: (one: Counts) => number): number => all.reduce((so, one) => so + count(one), 0);
  const ages = all.flatMap(({ oldestMs }) => oldestMs ?? []);
  return {
    waiting: sum(({ waiting }) => waiting),
    active: sum(({ active }) => active),
    delayed: sum(({ delayed }) => delayed),
    dead: sum(({ dead }) => dead),
    oldestMs: ages.length === 0 ? undefined : Math.max(...ages),
    brokerMs: Math.max(...all.map(({ brokerMs }) => brokerMs)),
  };
};
