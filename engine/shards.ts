/** The shards of a job type, each with the connection to where it is. */
import type { Graveyard } from "./operate/dead-letters.ts";
import type { ShardKeys } from "./operate/inspect.ts";
import type { Address, Cluster } from "./redis/address.ts";
import type { Broker } from "./redis/broker.ts";
import { partsOf, prefixOf, type Keys, type Layout, type Part } from "./redis/keys.ts";

/** The parts of a shard, and the connection to where it is. */
export interface Shard {
  readonly broker: Broker;
  readonly prefix: string;
  readonly parts: readonly Part[];
}

export interface Shards {
  of(type: Layout): readonly Shard[];
  close(): void;
}

/** @param open a connection for commands: one for all, or in a cluster one for each shard, named by a key of it */
export function shardsOn(redis: Address | Cluster, namespace: string, open: (key: string) => Broker): Shards {
  const brokers = new Map<string, Broker>();

  function brokerFor(prefix: string): Broker {
    const key = "cluster" in redis ? prefix : "";
    const broker = brokers.get(key) ?? open(key);
    brokers.set(key, broker);
    return broker;
  }
  if (!("cluster" in redis)) brokerFor("");

  return {
    of(type) {
      const byShard = Map.groupBy(partsOf(namespace, type), ({ shard }) => shard);
      return [...byShard].map(([shard, parts]) => {
        const prefix = prefixOf(namespace, type, shard);
        return { broker: brokerFor(prefix), prefix, parts };
      });
    },
    close() {
      for (const broker of brokers.values()) broker.close();
    },
  };
}

export const keysIn = ({ parts }: Shard): readonly Keys[] => parts.map(({ keys }) => keys);

export const withKeys = (shard: Shard): ShardKeys => ({ ...shard, parts: keysIn(shard) });

/** What all parts of a shard have in common, with the way there. */
export const sharedIn = ({ broker, parts }: Shard): readonly { readonly broker: Broker; readonly keys: Keys }[] =>
  parts.slice(0, 1).map(({ keys }) => ({ broker, keys }));

export function graveyardsIn(shard: Shard): readonly Graveyard[] {
  const jobs = new Map(shard.parts.map(({ priority, keys }) => [priority, keys.jobs]));
  return sharedIn(shard).map((shared) => ({ ...shared, jobs }));
}
