/**
 * What the engine keeps in Redis. The jobs of a type stand in parts: one for each shard and each of the type's
 * priorities. A job never leaves its part, and all keys of a shard are in one hash slot, so that every step is one
 * script, on a cluster too.
 */
import { crc32 } from "node:zlib";
import type { JobType } from "../job-type.ts";

/** All of a job type that says where its jobs stand. */
export type Layout = Pick<JobType<unknown>, "name" | "priorities" | "shards">;

export interface Part {
  /** From 0. */
  readonly shard: number;
  /** "" where the type has none. */
  readonly priority: string;
  readonly weight: number;
  readonly keys: Keys;
}

export interface Keys {
  /** Stream: jobs that wait, and jobs in flight (the group's pending entries). Its length is exactly these. */
  readonly jobs: string;
  /**
   * Sorted set by due time (broker's clock): jobs that were enqueued with a delay, and retries that wait out their
   * backoff.
   */
  readonly delayed: string;
  /**
   * String, there while anything is delayed: what the broker's clock said last, and how far it has been set back
   * meanwhile.
   */
  readonly clock: string;
  /** Stream: jobs that used up their attempts; the same for all priorities of a shard, as are the last three. */
  readonly dead: string;
  /** Hash: producer id to the sequence number of its last batch, and what of that batch was not written. */
  readonly sequences: string;
  /** Hash: consumer to its heartbeat counter. Who is not in it owns nothing that others may not take. */
  readonly workers: string;
  /**
   * Hash, there for some leases while anybody is silent: consumer to the counter at which it stands still, and for how
   * many ms somebody has seen that.
   */
  readonly watched: string;
  /** Hash: consumer to the number and the results of its last batch of settlements. */
  readonly settled: string;
  /**
   * Hash: entry id of a job that was suspected of ending its worker to the workers in which it ran alone, and of which
   * no end is known.
   */
  readonly suspects: string;
  /** Hash: key that a caller gave to the id of its job, of this generation. */
  readonly known: string;
  /** The same, of the generation before. */
  readonly knownBefore: string;
  /** String: how often the workers have ticked, and at which tick the two were turned last. */
  readonly ticks: string;
}

/** What goes when a dead letter is removed; the same for all parts of a shard. */
export type DeadKeys = Pick<Keys, "dead" | "known" | "knownBefore">;

/** @param prefix of the shard @param priority "" where the type has none */
function keysUnder(prefix: string, priority: string): Keys {
  const shared = (name: string): string => `${prefix}${name}`;
  const own = (name: string): string => shared(priority === "" ? name : `${priority}:${name}`);
  return {
    jobs: own("jobs"),
    delayed: own("delayed"),
    clock: own("clock"),
    dead: shared("dead"),
    sequences: own("lanes"),
    workers: own("workers"),
    watched: own("watched"),
    settled: own("settled"),
    suspects: own("suspects"),
    known: shared("known"),
    knownBefore: shared("known-before"),
    ticks: shared("ticks"),
  };
}

/** What all keys of a shard begin with, and no other key does. What stands in braces decides on the slot. */
export const prefixOf = (namespace: string, { name, shards }: Layout, shard: number): string =>
  `${namespace}:{${name}${shards === 1 ? "" : `/${shard}`}}:`;

/** Of a job type without priorities, in one shard. */
export const keysOf = (namespace: string, name: string): Keys =>
  keysUnder(prefixOf(namespace, { name, shards: 1 }, 0), "");

/** Shard by shard. */
export function partsOf(namespace: string, type: Layout): readonly Part[] {
  const priorities = Object.entries(type.priorities ?? { "": 1 });
  return Array.from({ length: type.shards }, (_, shard) =>
    priorities.map(([priority, weight]): Part => {
      const keys = keysUnder(prefixOf(namespace, type, shard), priority);
      return { shard, priority, weight, keys };
    }),
  ).flat();
}

/** Of a key that a caller gave: the same is always of the same shard, or it would not be seen there. */
export const shardOf = (key: string, shards: number): number => crc32(key) % shards;

export const group = "workers";

/** Holds what a stopping worker had not started. Never in `workers`, so every worker takes from it at once. */
export const released = "~released";

/** Holds what is to run alone. Never in `workers` either; its entries are taken one by one. */
export const suspected = "~suspected";
