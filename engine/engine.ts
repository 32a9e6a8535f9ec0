/**
 * Puts the parts together. The seam at `connectWith` is for engines that are broken on purpose; the door does not show
 * it.
 */
import { hostname } from "node:os";
import { brokerKind, type Address, type Cluster } from "./redis/address.ts";
import { openBroker, type Broker } from "./redis/broker.ts";
import { callerKeysOf, type CallerKeys } from "./operate/caller-keys.ts";
import { countsOf, sumOf, type Counts } from "./operate/counts.ts";
import { deadLettersOf, type DeadLetters } from "./operate/dead-letters.ts";
import { whereabouts, type Whereabouts } from "./operate/find.ts";
import { depthOf, inspect, type Found, type ShardKeys } from "./operate/inspect.ts";
import { checkedLayout, checkedType, type JobType } from "./job-type.ts";
import { partsOf, prefixOf, type Keys, type Layout, type Part } from "./redis/keys.ts";
import { observedHandler, observedSteps } from "./observer.ts";
import { callback, characters, optional, optionsOf } from "./options.ts";
import { producerOf, type Producer, type ProducerOptions } from "./producer/producer.ts";
import { retain } from "./retention.ts";
import type { Handler } from "./worker/runner.ts";
import { blockMs, stepsOn, type Steps, type Tools } from "./redis/steps.ts";
import { repeatedErrors } from "./std/repeated-errors.ts";
import { workOptionsOf, type WorkOptions } from "./worker/options.ts";
import { workOn } from "./worker/worker.ts";
import { hostOf, type Host } from "./worker/host.ts";

export interface ConnectOptions {
  readonly redis: Address | Cluster;
  /** Another way to the same broker for reads that wait. */
  readonly blocking?: Address | Cluster;
  /** Prefix of every key. */
  readonly namespace: string;
  /** Shown by the broker and in dead letters; unique names of workers begin with it. */
  readonly name?: string;
  /**
   * Told of lost connections and of the broker's errors. Everything is tried again; this is for the log. The same error
   * again is counted, and told with its count after 10 s.
   */
  readonly failed?: (error: Error) => void;
}

/**
 * Its disposal asks all workers of it to stop, waits for them and for what is being enqueued, and closes its
 * connections. From then on enqueues are refused at once, and everything else is an error.
 */
export interface Engine extends AsyncDisposable {
  producer<Payload>(type: JobType<Payload>, options?: ProducerOptions): Producer<Payload>;
  /** Works until `stop` is aborted; resolves when nothing is in hand any more. Recovers by itself from any outage. */
  work<Payload>(type: JobType<Payload>, handle: Handler<Payload>, options: WorkOptions): Promise<void>;
  /**
   * How many jobs of that type are still to be done: waiting, in a worker's hands, or delayed. One cheap question to
   * each shard and priority. Rejects when the broker is away.
   */
  depth(type: Layout): Promise<number>;
  /**
   * How many jobs of that type are in which place, and how old the oldest is. Cheap as well. Rejects when the broker is
   * away.
   */
  counts(type: Layout): Promise<Counts>;
  /**
   * Where the job of that id is; undefined when it is done, or never was. Reads through the whole queue, in short
   * steps. Rejects when the broker is away.
   */
  find(type: Layout, id: string): Promise<Whereabouts | undefined>;
  /** To look at what is dead, to put it back to work, to throw it away. */
  deadLetters(type: Layout): DeadLetters;
  /** To ask which job is known under a caller's key, and to free one. */
  keys(type: Layout): CallerKeys;
  /** All that is held of that type. Rejects when the broker is away. */
  inspect(type: Layout): AsyncIterable<Found>;
}

/** The parts of a shard, and the connection to where it is. */
interface Shard {
  readonly broker: Broker;
  readonly prefix: string;
  readonly parts: readonly Part[];
}

const kinds = {
  redis: brokerKind,
  blocking: optional(brokerKind),
  namespace: characters("none of {}*?[]\\ and no control characters", /^[^{}*?[\]\\\p{Cc}]+$/u),
  name: optional(characters("printable ASCII without spaces, and no ~ at first", /^(?!~)[!-~]+$/)),
  failed: optional(callback<NonNullable<ConnectOptions["failed"]>>()),
};

/**
 * Who ends the process ends it for the handlers of all its engines, so they have one between them; a test gives its
 * own.
 */
const thisProcess = hostOf();

export function connectWith(
  given: ConnectOptions,
  makeSteps: (tools: Tools) => Steps,
  host: Host = thisProcess,
): Engine {
  const options = optionsOf("connect", given, kinds);
  const { redis, blocking = redis, namespace, name = `${hostname()}:${process.pid}` } = options;
  const errors = repeatedErrors(options.failed);
  const failed = (error: unknown): void => errors.report(error);
  const closing = new AbortController();
  const works = new Set<Promise<void>>();
  let isClosed = false;
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

  /** @throws Error when it was closed, RangeError for a type that is none */
  function shardsOf(given: Layout): readonly Shard[] {
    if (isClosed) throw closedError();
    const type = checkedLayout(given);
    const byShard = Map.groupBy(partsOf(namespace, type), ({ shard }) => shard);
    return [...byShard].map(([shard, parts]) => {
      const prefix = prefixOf(namespace, type, shard);
      return { broker: brokerFor(prefix), prefix, parts };
    });
  }
  const shardKeysOf = (type: Layout): readonly ShardKeys[] =>
    shardsOf(type).map((shard) => ({ ...shard, parts: keysIn(shard) }));

  async function work<Payload>(given: JobType<Payload>, handle: Handler<Payload>, options: WorkOptions): Promise<void> {
    const type = checkedType(given);
    const asked = workOptionsOf(options);
    const handler = callback<Handler<Payload>>()(handle, "work: the handler");
    const { deadLetters: retention, observer = {} } = asked;
    const stop = AbortSignal.any([asked.stop, closing.signal]);
    const shards = shardsOf(type);
    const workerParts = shards.flatMap(({ broker: commands, prefix, parts }) =>
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
        workOn(
          { parts: workerParts, name, runtime: { ...host, failed } },
          type,
          observedHandler(handler, observer, failed),
          { ...asked, stop },
        ),
        ...(retention === undefined ? [] : [retain(shards.flatMap(sharedIn), retention, { stop, failed })]),
      ]);
    } finally {
      for (const { reader } of workerParts) reader.close();
    }
  }

  /** Handlers may enqueue until they are over. */
  async function close(): Promise<void> {
    closing.abort();
    while (works.size > 0) await Promise.allSettled(works);
    isClosed = true;
    await Promise.all(producers.map((producer) => producer[Symbol.asyncDispose]()));
    for (const broker of brokers.values()) broker.close();
    errors.end();
  }
  let closed: Promise<void> | undefined;

  return {
    producer(given, producerOptions) {
      const type = checkedType(given);
      const producer = producerOf(
        shardsOf(type).flatMap(({ broker, parts }) => parts.map((part) => ({ ...part, broker }))),
        type,
        producerOptions,
      );
      producers.push(producer);
      return producer;
    },
    async work(type, handle, options) {
      if (closing.signal.aborted) throw closedError();
      const working = work(type, handle, options);
      works.add(working);
      await working.finally(() => works.delete(working));
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
        shardsOf(type).flatMap((shard) => {
          const jobs = new Map(shard.parts.map(({ priority, keys }) => [priority, keys.jobs]));
          return sharedIn(shard).map((shared) => ({ ...shared, jobs }));
        }),
      ),
    keys: (type) => callerKeysOf(shardsOf(type).flatMap(sharedIn)),
    inspect: (type) => inspect(shardKeysOf(type)),
    find: async (type, id) => whereabouts(shardKeysOf(type), id),
    [Symbol.asyncDispose]: () => (closed ??= close()),
  };
}

const closedError = (): Error => new Error("this engine was closed: connect another one");

const keysIn = ({ parts }: Shard): readonly Keys[] => parts.map(({ keys }) => keys);

/** What all parts of a shard have in common, with the way there. */
const sharedIn = (shard: Shard): readonly { readonly broker: Broker; readonly keys: Keys }[] =>
  keysIn(shard)
    .slice(0, 1)
    .map((keys) => ({ broker: shard.broker, keys }));

export const connect = (options: ConnectOptions): Engine => connectWith(options, stepsOn);
