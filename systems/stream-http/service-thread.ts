/** The engine's HTTP service in a thread: says where it listens, and stops in good order when it is asked to. */
import { parentPort, workerData } from "node:worker_threads";
import { connect } from "../../engine/index.ts";
import { metricsOf } from "../../engine/metrics.ts";
import { queue, service } from "../../engine/service/index.ts";
import type { Context } from "../contract.ts";
import { typeOf, type StreamConfig } from "../stream.ts";

export interface ServicePost extends Pick<Context, "links" | "namespace" | "name" | "retries" | "priorities"> {
  readonly config: StreamConfig;
}

const payloadMax = 100_000_000;

async function serve(post: ServicePost): Promise<void> {
  const type = typeOf(post, post.config);
  const failed = (error: Error): void => console.error(error.message);
  const { links, namespace, name } = post;
  await using engine = connect({ redis: links.commands, namespace, name: `${name}:service`, failed });
  const app = service({
    engine,
    metrics: metricsOf(engine, [type]),
    queues: [queue(type)],
    token: undefined,
    payloadMax,
    failed,
  });
  const stopped = new Promise((resolve) => parentPort?.once("message", resolve));
  parentPort?.postMessage(await app.listen({ host: "127.0.0.1", port: 0 }));
  await stopped;
  await app.close();
}

await serve(workerData);
