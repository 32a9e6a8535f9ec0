/** Puts the parts together. The seam at `connectWith` is for engines that are broken on purpose; the door does not show it. */
import { hostname } from "node:os";
import type { Address, Cluster } from "./address.ts";
import { openBroker, type Broker } from "./broker.ts";
import { countsOf, sumOf, type Counts } from "./counts.ts";
import { deadLettersOf, type DeadLetters } from "./dead-letters.ts";
import { whereabouts, type Whereabouts } from "./find.ts";
import { depthOf, inspect, type Found, type ShardKeys } from "./inspect.ts";
import type { JobType } from "./job-type.ts";
import { partsOf, prefixOf, type Keys, type Layout, type Part } from "./keys.ts";
import { observedHandler, observedSteps } from "./observer.ts";
import { producerOf, type Producer, type ProducerOptions } from "./producer.ts";
import { retain } from "./retention.ts";
import type { Handler } from "./runner.ts";
import { blockMs, stepsOn, type Steps, type Tools } from "./steps.ts";
import { listener } from "./user-code.ts";
import { workOn, type WorkOptions } from "./worker.ts";

export interface ConnectOptions {
  readonly redis: Address | Cluster;
  /** Another way to the same broker for reads that wait. */
  readonly blocking?: Address | Cluster;
  /** Prefix of every key. */
  readonly namespace: string;
  /** Shown by the broker and in dead letters; unique names of workers begin with it. */
  readonly name?: string;
  /** Told of lost connections and of the broker's errors. Everything is tried again; this is for the log. */
  readonly failed?: (error: Error) => void;
}

export interface Engine extends AsyncDisposable {
  producer<Payload>(type: JobType<Payload>, options?: ProducerOptions): Producer<Payload>;
  /** Works until `stop` is aborted; resolves when nothing is in hand any more. Recovers by itself from any outage. */
  work<Payload>(type: JobType<Payload>, handle: Handler<Payload>, options: WorkOptions): Promise<void>;
  /** How many jobs of that type are still to be done: waiting, in a worker's hands, or delayed. One cheap question to each shard and priority. Rejects when the broker is away. */
  depth(type: Layout): Promise<number>;
  /** How many jobs of that type are in which place, and how old the oldest is. Cheap as well. Rejects when the broker is away. */
  counts(type: Layout): Promise<Counts>;
  /** Where the job of that id is; undefined when it is done, or never was. Reads through the whole queue, in short steps. Rejects when the broker is away. */
  find(type: Layout, id: string): Promise<Whereabouts | undefined>;
  /** To look at what is dead, to put it back to work, to throw it away. */
  deadLetters(type: Layout): DeadLetters;
  /** All that is held of that type. Rejects when the broker is away. */
  inspect(type: Layout): AsyncIterable<Found>;
}

/** The parts of a shard, and the connection to where it is. */
interface Shard {
  readonly broker: Broker;
  readonly prefix: string;
  readonly parts: readonly Part[];
}

export function connectWith(options: ConnectOptions, makeSteps: (tools: Tools) => Steps): Engine {
  const { redis, blocking = redis, namespace, name = `${hostname()}:${process.pid}` } = options;
  const failed = listener(options.failed);
  /** One for all, or in a cluster one for each shard. */
  const brokers = new Map<string, Broker>();
  const producers: AsyncDisposable[] = [];

  function brokerFor(prefix: string): Broker {
    const key = "cluster" in redis ? prefix : "";
    const broker = brokers.get(key) ?? openBroker({ to: redis, key, name: `${name}:commands` }, failed);
    brokers.set(key, broker);
    return broker;
  }
  if (!("cluster" in redis)) brokerFor("");

  function shardsOf(type: Layout): readonly Shard[] {
    const byShard = Map.groupBy(partsOf(namespace, type), ({ shard }) => shard);
    return [...byShard].map(([shard, parts]) => {
      const prefix = prefixOf(namespace, type, shard);
      return { broker: brokerFor(prefix), prefix, parts };
    });
  }
  const shardKeysOf = (type: Layout): readonly ShardKeys[] =>
    shardsOf(type).map((shard) => ({ ...shard, parts: keysIn(shard) }));

  return {
    producer(type, producerOptions) {
      const producer = producerOf(
        shardsOf(type).flatMap(({ broker, parts }) => parts.map((part) => ({ ...part, broker }))),
        type,
        producerOptions,
      );
      producers.push(producer);
      return producer;
    },
    async work(type, handle, workOptions) {
      const { deadLetters: retention, observer = {}, stop } = workOptions;
      const shards = shardsOf(type);
      const places = shards.flatMap(({ broker: commands, prefix, parts }) =>
        parts.map(({ keys, priority, weight }) => {
          const reader = openBroker({ to: blocking, key: prefix, name: `${name}:reader`, blockMs }, failed);
          const steps = makeSteps({
            commands,
            reader,
            keys,
            priority,
            payloadBytesMax: type.payloadBytesMax,
            failed: (message) => failed(new Error(message)),
          });
          return { weight, commands, reader, steps: observedSteps(steps, observer, failed) };
        }),
      );
      try {
        await Promise.all([
          workOn({ places, name, failed }, type, observedHandler(handle, observer, failed), workOptions),
          ...(retention === undefined ? [] : [retain(shards.map(deadIn), retention, { stop, failed })]),
        ]);
      } finally {
        for (const { reader } of places) reader.close();
      }
    },
    async depth(type) {
      const parts = shardsOf(type).flatMap((shard) => keysIn(shard).map((keys) => depthOf(shard.broker, keys)));
      return (await Promise.all(parts)).reduce((all, one) => all + one, 0);
    },
    async counts(type) {
      const shards = shardsOf(type).map((shard) => countsOf(shard.broker, keysIn(shard)));
      return sumOf(await Promise.all(shards));
    },
    deadLetters: (type) =>
      deadLettersOf(
        shardsOf(type).map((shard) => ({
          ...deadIn(shard),
          jobs: new Map(shard.parts.map(({ priority, keys }) => [priority, keys.jobs])),
        })),
      ),
    inspect: (type) => inspect(shardKeysOf(type)),
    find: (type, id) => whereabouts(shardKeysOf(type), id),
    async [Symbol.asyncDispose]() {
      await Promise.all(producers.map((producer) => producer[Symbol.asyncDispose]()));
      for (const broker of brokers.values()) broker.close();
    },
  };
}

const keysIn = ({ parts }: Shard): readonly Keys[] => parts.map(({ keys }) => keys);

const deadIn = ({ broker, parts: [first] }: Shard): { readonly broker: Broker; readonly dead: string } => ({
  broker,
  dead: first?.keys.dead ?? "",
});

export const connect = (options: ConnectOptions): Engine => connectWith(options, stepsOn);
