/**
 * The engine behind HTTP: for those who enqueue from another language, for operators, for Prometheus and for
 * Kubernetes. A worker's process has the same without the queues: it is asked how it is, and nothing else.
 */
import { fastify, type FastifyInstance } from "fastify";
import type { Engine } from "../index.ts";
import type { Metrics } from "../metrics.ts";
import { callback, having, listOf, optional, optionsOf, secret, whole } from "../options.ts";
import { readJson } from "./body.ts";
import { budgetOf } from "./budget.ts";
import { boundConnections, connectionOptions } from "./connections.ts";
import type { Queue } from "./declaration.ts";
import { deadRoutes } from "./dead.ts";
import { keepDoor } from "./doorkeeper.ts";
import { queueOf } from "./input.ts";
import { jobRoutes } from "./jobs.ts";
import { keyRoutes } from "./keys.ts";
import { shippedLimits, type Limits } from "./limits.ts";
import { answered, answerProblems } from "./problems.ts";
import { payloadMost } from "./words.ts";

export interface ServiceOptions {
  readonly engine: Engine;
  readonly metrics: Metrics;
  readonly queues: readonly Queue[];
  /**
   * Asked for in `Authorization: Bearer ...` by everything but `/healthz` and `/readyz`; undefined: nobody is asked,
   * and who comes by loopback has to ask for an address or for localhost.
   */
  readonly token?: string | undefined;
  /** The most that a request may bring, bytes. */
  readonly payloadMax: number;
  readonly failed: (error: Error) => void;
}

const kinds = {
  engine: having<Engine>(
    ["producer", "counts", "deadLetters", "keys", "find"],
    "an engine, which connect({ ... }) returns",
  ),
  metrics: having<Metrics>(["text", "watched", "enqueued"], "metrics, which metricsOf(engine, types) returns"),
  queues: listOf(having<Queue>(["producer"], "a queue, which queue(type, handler) returns"), 1000),
  token: optional(secret),
  payloadMax: whole(1, payloadMost),
  failed: callback<ServiceOptions["failed"]>(),
};

/** Health alone, and metrics: what a process that only works has to say. */
export function statusService(options: Omit<ServiceOptions, "payloadMax">): FastifyInstance {
  return serviceWith({ ...options, payloadMax: 1024 }, shippedLimits);
}

/**
 * Its `close` answers what is under way, and is over in `stopMs` at the latest.
 * @throws RangeError for values that cannot work
 */
export function service(given: ServiceOptions, limits: Limits = shippedLimits): FastifyInstance {
  const options = optionsOf("service", given, kinds);
  const app = serviceWith(options, limits);
  const { engine, queues } = options;
  const countsOf = async ({ type }: Queue): Promise<object> => {
    const { brokerMs: _, oldestMs, ...counts } = await answered(engine.counts(type));
    return { name: type.name, ...counts, oldestMs: oldestMs ?? null };
  };
  app.get("/queues", async () => ({ queues: await Promise.all(queues.map(countsOf)) }));
  app.get<{ Params: { queue: string } }>("/queues/:queue", ({ params }) => countsOf(queueOf(queues, params.queue)));
  const answers = budgetOf(limits.answersBytesMax);
  app.addHook("onRequest", async (request, reply) => answers.begin(request, reply));
  jobRoutes(app, { ...options, answers });
  deadRoutes(app, { ...options, answers });
  keyRoutes(app, options);
  return app;
}

function serviceWith(
  { engine, metrics, queues, token, payloadMax, failed }: ServiceOptions,
  limits: Limits,
): FastifyInstance {
  const app = fastify({ ...connectionOptions(limits), bodyLimit: payloadMax });
  const bodiesOver = boundConnections(app, limits);
  answerProblems(app, failed);
  keepDoor(app, token);
  const bodies = budgetOf(Math.max(limits.bodiesBytesMax, 2 * payloadMax));
  app.addHook("onRequest", async (request, reply) => bodies.begin(request, reply));
  readJson(app, { bytesMax: payloadMax, budget: bodies, stopped: bodiesOver });
  app.get("/healthz", { config: { open: true } }, () => ({ alive: true }));
  app.get("/readyz", { config: { open: true } }, async () => {
    await Promise.all(queues.slice(0, 1).map(({ type }) => answered(engine.depth(type))));
    return { ready: true };
  });
  app.get("/metrics", async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.text()));
  return app;
}
