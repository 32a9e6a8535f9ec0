/**
 * The engine behind HTTP: for those who enqueue from another language, for operators, for Prometheus and for Kubernetes.
 * A worker's process has the same without the queues: it is asked how it is, and nothing else.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { fastify, type FastifyInstance } from "fastify";
import type { Engine } from "../index.ts";
import type { Metrics } from "../metrics.ts";
import type { Queue } from "./declaration.ts";
import { deadRoutes } from "./dead.ts";
import { queueOf } from "./input.ts";
import { jobRoutes } from "./jobs.ts";
import { keyRoutes } from "./keys.ts";
import { answered, answerProblems, HttpError } from "./problems.ts";

export interface ServiceOptions {
  readonly engine: Engine;
  readonly metrics: Metrics;
  readonly queues: readonly Queue[];
  /** Asked for in `Authorization: Bearer ...` by everything but `/healthz` and `/readyz`; undefined: nobody is asked. */
  readonly token: string | undefined;
  /** The most that a request may bring, bytes. */
  readonly payloadMax: number;
  readonly failed: (error: Error) => void;
}

/** Health alone, and metrics: what a process that only works has to say. */
export function statusService(options: Omit<ServiceOptions, "payloadMax">): FastifyInstance {
  return serviceWith({ ...options, payloadMax: 1024 });
}

export function service(options: ServiceOptions): FastifyInstance {
  const app = serviceWith(options);
  const { engine, queues } = options;
  const countsOf = async ({ type }: Queue): Promise<object> => {
    const { brokerMs: _, oldestMs, ...counts } = await answered(engine.counts(type));
    return { name: type.name, ...counts, oldestMs: oldestMs ?? null };
  };
  app.get("/queues", async () => ({ queues: await Promise.all(queues.map(countsOf)) }));
  app.get<{ Params: { queue: string } }>("/queues/:queue", ({ params }) => countsOf(queueOf(queues, params.queue)));
  jobRoutes(app, options);
  deadRoutes(app, options);
  keyRoutes(app, options);
  return app;
}

function serviceWith({ engine, metrics, queues, token, payloadMax, failed }: ServiceOptions): FastifyInstance {
  const app = fastify({ bodyLimit: payloadMax });
  answerProblems(app, failed);
  if (token !== undefined) askForToken(app, token);
  app.get("/healthz", { config: { open: true } }, () => ({ alive: true }));
  app.get("/readyz", { config: { open: true } }, async () => {
    await Promise.all(queues.slice(0, 1).map(({ type }) => answered(engine.depth(type))));
    return { ready: true };
  });
  app.get("/metrics", async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.text()));
  return app;
}

function askForToken(app: FastifyInstance, token: string): void {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  const wanted = digest(`Bearer ${token}`);
  app.addHook("onRequest", async (request, reply) => {
    if (request.routeOptions.config !== undefined && "open" in request.routeOptions.config) return;
    if (timingSafeEqual(digest(request.headers.authorization ?? ""), wanted)) return;
    void reply.header("www-authenticate", "Bearer");
    throw new HttpError(401, "send the service's token: `Authorization: Bearer ...`");
  });
}
