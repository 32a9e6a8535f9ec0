/** Puts the parts together. The seam at `connectWith` is for engines that are broken on purpose; the door does not show it. */
import { hostname } from "node:os";
import { openBroker, type Address } from "./broker.ts";
import { countsOf, type Counts } from "./counts.ts";
import { deadLettersOf, type DeadLetters } from "./dead-letters.ts";
import { whereabouts, type Whereabouts } from "./find.ts";
import { depthOf, inspect, type Found } from "./inspect.ts";
import type { JobType } from "./job-type.ts";
import { keysOf } from "./keys.ts";
import { observed } from "./observer.ts";
import { producerOf, type Producer, type ProducerOptions } from "./producer.ts";
import { retain } from "./retention.ts";
import type { Handler } from "./runner.ts";
import { blockMs, stepsOn, type Steps, type Tools } from "./steps.ts";
import { workOn, type WorkOptions } from "./worker.ts";

export interface ConnectOptions {
  readonly redis: Address;
  /** Another way to the same broker for reads that wait. */
  readonly blocking?: Address;
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
  /** How many jobs of that type are still to be done: waiting, in a worker's hands, or delayed. One cheap question. Rejects when the broker is away. */
  depth(type: Pick<JobType<unknown>, "name">): Promise<number>;
  /** How many jobs of that type are in which place, and how old the oldest is. One cheap question. Rejects when the broker is away. */
  counts(type: Pick<JobType<unknown>, "name">): Promise<Counts>;
  /** Where the job of that id is; undefined when it is done, or never was. Reads through the whole queue. Rejects when the broker is away. */
  find(type: Pick<JobType<unknown>, "name">, id: string): Promise<Whereabouts | undefined>;
  /** To look at what is dead, to put it back to work, to throw it away. */
  deadLetters(type: Pick<JobType<unknown>, "name">): DeadLetters;
  /** All that is held of that type. Rejects when the broker is away. */
  inspect(type: Pick<JobType<unknown>, "name">): AsyncIterable<Found>;
}

export function connectWith(options: ConnectOptions, makeSteps: (tools: Tools) => Steps): Engine {
  const { redis, blocking = redis, namespace, name = `${hostname()}:${process.pid}` } = options;
  const failed = (error: unknown): void => options.failed?.(error instanceof Error ? error : new Error(String(error)));
  const commands = openBroker(redis, `${name}:commands`, failed);
  const producers: AsyncDisposable[] = [];
  const look = (name: string): AsyncIterable<Found> =>
    inspect(commands, keysOf(namespace, name), `${namespace}:{${name}}:`);
  return {
    producer(type, producerOptions) {
      const producer = producerOf(commands, keysOf(namespace, type.name), type, producerOptions);
      producers.push(producer);
      return producer;
    },
    async work(type, handle, workOptions) {
      const keys = keysOf(namespace, type.name);
      const reader = openBroker(blocking, `${name}:reader`, failed, blockMs);
      const { deadLetters: retention, observer, stop } = workOptions;
      const plain = {
        handle,
        steps: makeSteps({ commands, reader, keys, failed: (message) => failed(new Error(message)) }),
      };
      const work = observer === undefined ? plain : observed(handle, plain.steps, observer, failed);
      try {
        const retaining = retention && retain(commands, keys, retention, { stop, failed });
        await Promise.all([
          workOn({ commands, reader, steps: work.steps, name, failed }, type, work.handle, workOptions),
          retaining,
        ]);
      } finally {
        reader.close();
      }
    },
    depth: (type) => depthOf(commands, keysOf(namespace, type.name)),
    counts: (type) => countsOf(commands, keysOf(namespace, type.name)),
    deadLetters: (type) => deadLettersOf(commands, keysOf(namespace, type.name)),
    inspect: ({ name }) => look(name),
    find: ({ name }, id) => whereabouts(() => look(name), id),
    async [Symbol.asyncDispose]() {
      await Promise.all(producers.map((producer) => producer[Symbol.asyncDispose]()));
      commands.close();
    },
  };
}

export const connect = (options: ConnectOptions): Engine => connectWith(options, stepsOn);
