/**
 * The engine: connects, and puts producers, workers and operations together. The seam at `connectWith` is for engines
 * that are broken on purpose; the door does not show it.
 */
import { hostname } from "node:os";
import { brokerKind, type Address, type Cluster } from "./redis/address.ts";
import { openBroker, type Broker } from "./redis/broker.ts";
import { callerKeysOf, type CallerKeys } from "./operate/caller-keys.ts";
import { countsOf, sumOf, type Counts } from "./operate/counts.ts";
import { deadLettersOf, type DeadLetters } from "./operate/dead-letters.ts";
import { whereabouts, type Whereabouts } from "./operate/find.ts";
import { depthOf, inspect, type Found } from "./operate/inspect.ts";
import { checkedLayout, checkedType, type JobType } from "./job-type.ts";
import type { Layout } from "./redis/keys.ts";
import { callback, characters, optional, optionsOf } from "./options.ts";
import { producerOf, type Producer, type ProducerOptions } from "./producer/producer.ts";
import { graveyardsIn, keysIn, sharedIn, shardsOn, withKeys, type Shard } from "./shards.ts";
import type { Handler } from "./worker/runner.ts";
import { blockMs, stepsOn, type Steps, type Tools } from "./redis/steps.ts";
import { repeatedErrors } from "./std/repeated-errors.ts";
import { workOptionsOf, type WorkOptions } from "./worker/options.ts";
import { hostOf, type Host } from "./worker/host.ts";
import { workAt } from "./work.ts";

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
  const { redis, blocking = redis, namespace, name = defaultName(), ...options } = optionsOf("connect", given, kinds);
  const errors = repeatedErrors(options.failed);
  const failed = (error: unknown): void => errors.report(error);
  const shards = shardsOn(redis, namespace, (key) => openBroker({ to: redis, key, name: `${name}:commands` }, failed));
  const openReader = (key: string): Broker =>
    openBroker({ to: blocking, key, name: `${name}:reader`, blockMs }, failed);
  const site = { name, runtime: { ...host, failed }, openReader, makeSteps };
  const closing = new AbortController();
  const works = new Set<Promise<void>>();
  const producers: AsyncDisposable[] = [];
  let isClosed = false;

  /** @throws Error when it was closed, RangeError for a type that is none */
  function shardsOf(type: Layout): readonly Shard[] {
    if (isClosed) throw closedError();
    return shards.of(checkedLayout(type));
  }

  async function work<Payload>(given: JobType<Payload>, handle: Handler<Payload>, options: WorkOptions): Promise<void> {
    const type = checkedType(given);
    const asked = workOptionsOf(options);
    const handler = callback<Handler<Payload>>()(handle, "work: the handler");
    const stop = AbortSignal.any([asked.stop, closing.signal]);
    await workAt(site, shardsOf(type), type, handler, { ...asked, stop });
  }

  /** Handlers may enqueue until they are over. */
  async function close(): Promise<void> {
    closing.abort();
    while (works.size > 0) await Promise.allSettled(works);
    isClosed = true;
    await Promise.all(producers.map((producer) => producer[Symbol.asyncDispose]()));
    shards.close();
    errors.end();
  }
  let closed: Promise<void> | undefined;

  return {
    ...operationsOn(shardsOf),
    producer(given, producerOptions) {
      const type = checkedType(given);
      const parts = shardsOf(type).flatMap(({ broker, parts }) => parts.map((part) => ({ ...part, broker })));
      const producer = producerOf(parts, type, producerOptions);
      producers.push(producer);
      return producer;
    },
    async work(type, handle, options) {
      if (closing.signal.aborted) throw closedError();
      const working = work(type, handle, options);
      works.add(working);
      await working.finally(() => works.delete(working));
    },
    [Symbol.asyncDispose]: () => (closed ??= close()),
  };
}

const defaultName = (): string => `${hostname()}:${process.pid}`;

const closedError = (): Error => new Error("this engine was closed: connect another one");

/** What one may ask of a job type, and do to what is held of it. */
const operationsOn = (
  shardsOf: (type: Layout) => readonly Shard[],
): Omit<Engine, keyof AsyncDisposable | "producer" | "work"> => ({
  async depth(type) {
    const parts = shardsOf(type).flatMap((shard) => keysIn(shard).map((keys) => depthOf(shard.broker, keys)));
    return (await Promise.all(parts)).reduce((all, one) => all + one, 0);
  },
  counts: async (type) =>
    sumOf(await Promise.all(shardsOf(type).map((shard) => countsOf(shard.broker, keysIn(shard))))),
  find: async (type, id) => whereabouts(shardsOf(type).map(withKeys), id),
  deadLetters: (type) => deadLettersOf(shardsOf(type).flatMap(graveyardsIn)),
  keys: (type) => callerKeysOf(shardsOf(type).flatMap(sharedIn)),
  inspect: (type) => inspect(shardsOf(type).map(withKeys)),
});

export const connect = (options: ConnectOptions): Engine => connectWith(options, stepsOn);
