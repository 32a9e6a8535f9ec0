/** The reference engine behind its HTTP service, as callers in other languages have it. */
import { Worker } from "node:worker_threads";
import { once } from "node:events";
import { sibling } from "../std/sibling.ts";
import { messageOf, UserError } from "../std/user-error.ts";
import type { Connection, System } from "./contract.ts";
import { httpCaller } from "./stream-http/caller.ts";
import type { ServicePost } from "./stream-http/service-thread.ts";
import stream, { type StreamConfig } from "./stream.ts";

/** A thread of its own: the service shares no event loop with whoever measures it, and dies with its process. */
async function startService(post: ServicePost): Promise<AsyncDisposable & { readonly url: string }> {
  const thread = new Worker(sibling(import.meta.url, "./stream-http/service-thread"), { workerData: post });
  const [url]: unknown[] = await once(thread, "message").catch((thrown: unknown) => {
    const missing = ["fastify", "prom-client"].some((name) => messageOf(thrown).includes(`'${name}'`));
    throw missing
      ? new UserError(`it needs what was left out of this install: npm install fastify prom-client`)
      : thrown;
  });
  return {
    url: String(url),
    async [Symbol.asyncDispose]() {
      const gone = once(thread, "exit");
      thread.postMessage("stop");
      await gone;
    },
  };
}

const system: System<StreamConfig> = {
  ...stream,
  about:
    "The reference engine, enqueueing over its HTTP service: every producer has one beside it, and what it is not told by an answer it does not know. Workers are those of the engine.",
  async connect(context, config): Promise<Connection> {
    const connection = await stream.connect(context, config);
    if (context.role !== "producer") return connection;
    const { links, namespace, name, retries, priorities } = context;
    const service = await startService({
      links,
      namespace,
      name,
      retries,
      config,
      ...(priorities === undefined ? {} : { priorities }),
    });
    return {
      ...connection,
      enqueue: httpCaller(service.url, config.deadlineMs),
      async [Symbol.asyncDispose]() {
        await service[Symbol.asyncDispose]();
        await connection[Symbol.asyncDispose]();
      },
    };
  },
};

export default system;
