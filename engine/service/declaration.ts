/**
 * What a process of the engine is about, as its user writes it in a module of his own: which queues, in which broker,
 * and who handles them. `engine serve` and `engine work` start from it.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Address, Cluster, Engine, Handler, JobType, Layout, NewJob, Receipt, WorkOptions } from "../index.ts";
import { checkedType } from "../job-type.ts";
import { callback, optional, optionsOf } from "../options.ts";
import { errorText } from "../std/thrown.ts";
import { fromJson } from "../user-code.ts";
import { howKinds } from "../worker/options.ts";
import { StartError } from "./start-error.ts";

export interface Declaration {
  readonly redis: Address | Cluster;
  /** Prefix of every key. */
  readonly namespace: string;
  readonly queues: readonly Queue[];
}

/** A job type without its payload's type: what came as JSON is checked by the job type before it is enqueued. */
export interface Queue {
  readonly type: Layout;
  producer(engine: Engine, deadlineMs: number): JsonProducer;
  /** Undefined where nobody handles it in this declaration. */
  readonly work:
    | ((engine: Engine, told: (options: WorkOptions) => WorkOptions, stop: AbortSignal) => Promise<void>)
    | undefined;
}

export interface JsonProducer {
  /** One receipt per job, in order. @throws TypeError naming the first payload that its job type does not take */
  enqueue(jobs: readonly NewJob<unknown>[]): Promise<readonly Receipt[]>;
}

/** How a worker of that queue works; what is left out is as `engine.work` has it. */
export type HowToWork = Pick<WorkOptions, "concurrency" | "graceMs" | "deadLetters">;

/** @throws RangeError for values that cannot work */
export function queue<Payload>(given: JobType<Payload>, handler?: Handler<Payload>, how: HowToWork = {}): Queue {
  const type = checkedType(given);
  const handle = optional(callback<Handler<Payload>>())(handler, "queue: its handler");
  const asked = optionsOf("queue", how, howKinds);
  return {
    type,
    producer(engine, deadlineMs) {
      const producer = engine.producer(type, { deadlineMs });
      const typed = (job: NewJob<unknown>, index: number): NewJob<Payload> => ({
        ...job,
        payload: fromJson(type, job.payload, index),
      });
      return { enqueue: async (jobs) => producer.enqueue(jobs.map(typed)) };
    },
    work: handle && ((engine, told, stop) => engine.work(type, handle, told({ ...asked, stop }))),
  };
}

/** Says what a declaration is, for the compiler: `export default declare({ ... })`. */
export const declare = (declaration: Declaration): Declaration => declaration;

/**
 * @param path a module whose default export is a declaration
 * @throws StartError naming the file and what is wrong with it
 */
export async function declarationIn(path: string): Promise<Declaration> {
  const file = resolve(path);
  if (!existsSync(file)) throw new StartError(`there is no module at ${file}`);
  let loaded: unknown;
  try {
    loaded = await import(pathToFileURL(file).href);
  } catch (error) {
    throw new StartError(`${file} cannot be loaded: ${errorText(error)}${remedyFor(error, file)}`);
  }
  if (typeof loaded !== "object" || loaded === null || !("default" in loaded) || !isDeclaration(loaded.default))
    throw new StartError(
      `${file} must have \`export default declare({ redis, namespace, queues: [queue(type, handler)] })\`, with \`import { declare, queue } from "whitewater-engine/service"\``,
    );
  const names = loaded.default.queues.map(({ type }) => type.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new StartError(`${file} declares the queue "${twice}" twice: a queue has one job type`);
  return loaded.default;
}

/** What `npm init -y` writes today calls every module CommonJS, and Node takes its word for it. */
const remedyFor = (error: unknown, file: string): string =>
  error instanceof SyntaxError && /(?<!\.m)[jt]s$/.test(file)
    ? `; where package.json says \`"type": "commonjs"\`, say \`"type": "module"\`, or let the file's name end in .mts or .mjs`
    : "";

const isDeclaration = (value: unknown): value is Declaration =>
  typeof value === "object" &&
  value !== null &&
  "redis" in value &&
  "namespace" in value &&
  typeof value.namespace === "string" &&
  "queues" in value &&
  Array.isArray(value.queues) &&
  value.queues.length > 0 &&
  value.queues.every((one: unknown) => typeof one === "object" && one !== null && "producer" in one);
