/** The keys under which callers enqueued: which job is known under one, and how it is forgotten before its time. */
import { ask, connected } from "../redis/asking.ts";
import type { Broker } from "../redis/broker.ts";
import { shardOf, type Keys } from "../redis/keys.ts";
import { callerKey } from "../producer/new-job.ts";
import { textOf } from "../redis/reply.ts";

/**
 * Both reject with a RangeError for what is no key, and with an Error when the broker does not answer: they can be
 * repeated.
 */
export interface CallerKeys {
  /** The id of the job that was written under it, whatever became of that; undefined where the key is free. */
  find(key: string): Promise<string | undefined>;
  /**
   * Frees it: the next enqueue under it is written. False where it was free. What became of its job is the caller's
   * business.
   */
  forget(key: string): Promise<boolean>;
}

/** @param shards in their order */
export function callerKeysOf(
  shards: readonly { readonly broker: Broker; readonly keys: Pick<Keys, "known" | "knownBefore"> }[],
): CallerKeys {
  /** The newer ones are asked first: between the two questions a key goes from these to the older ones only. */
  async function both(command: "HGET" | "HDEL", given: string): Promise<readonly unknown[]> {
    const key = callerKey(given, "key");
    const shard = shards[shardOf(key, shards.length)];
    if (shard === undefined) return [];
    const { broker, keys } = shard;
    await connected(broker);
    return [await ask(broker, command, keys.known, key), await ask(broker, command, keys.knownBefore, key)];
  }
  return {
    async find(key) {
      const [now, before] = await both("HGET", key);
      return textOf(now) || textOf(before) || undefined;
    },
    async forget(key) {
      return (await both("HDEL", key)).includes(1);
    },
  };
}
