/** Routes of those who have work to do: enqueue one or many, ask for one. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { stepBytesMax } from "../redis/bounds.ts";
import type { Engine, Receipt } from "../index.ts";
import type { Metrics } from "../metrics.ts";
import type { Budget } from "./budget.ts";
import type { JsonProducer, Queue } from "./declaration.ts";
import { inputOf, queueOf } from "./input.ts";
import { answered, HttpError, problemBody, problemOf, sendProblem } from "./problems.ts";

const jobsMax = 1000;
/** A client waits for its answer: shorter than a proxy's usual patience. */
const deadlineMs = 10_000;

const job = z
  .strictObject({
    /** It came as JSON. */
    payload: z.unknown().refine((value) => value !== undefined, "is missing"),
    /** ms for which it must not start. */
    delayMs: z.number().min(0).optional(),
    /** Before this time, ms since 1970, it must not start. */
    at: z.number().min(0).optional(),
    /** A second job with this key is not written, while the key is remembered. */
    key: z.string().min(1).optional(),
    /** Of those that its job type has. */
    priority: z.string().min(1).optional(),
  })
  .refine(({ delayMs, at }) => delayMs === undefined || at === undefined, "`delayMs` and `at` exclude each other");
const jobs = z.array(job).min(1).max(jobsMax);

export function jobRoutes(
  app: FastifyInstance,
  {
    engine,
    queues,
    metrics,
    answers,
  }: {
    readonly engine: Engine;
    readonly queues: readonly Queue[];
    readonly metrics: Metrics;
    readonly answers: Budget;
  },
): void {
  const producers = new Map<string, JsonProducer>(
    queues.map((queue) => [queue.type.name, queue.producer(engine, deadlineMs)]),
  );

  /** All of them are looked at before the first is written. */
  async function enqueue({ type }: Queue, body: unknown): Promise<readonly Receipt[]> {
    const sent = inputOf(jobs, body);
    const producer = producers.get(type.name);
    try {
      const receipts = await producer?.enqueue(sent);
      metrics.enqueued(type, receipts ?? []);
      return receipts ?? [];
    } catch (error) {
      if (error instanceof TypeError || error instanceof RangeError) throw new HttpError(422, error.message);
      throw error;
    }
  }

  app.post<{ Params: { queue: string } }>("/queues/:queue/jobs", async (request, reply) => {
    const queue = queueOf(queues, request.params.queue);
    const { body } = request;
    if (Array.isArray(body)) {
      const receipts = await enqueue(queue, body);
      const all = receipts.every(({ outcome }) => outcome === "ok");
      return reply.code(all ? 202 : 207).send({ jobs: receipts.map(told) });
    }
    const [receipt] = await enqueue(queue, [body]);
    if (receipt === undefined) throw new Error("an enqueue of one job had no receipt");
    if (receipt.outcome !== "ok") return sendProblem(reply, problemOf(receipt));
    void reply.header("location", `/queues/${queue.type.name}/jobs/${receipt.id}`);
    return reply.code(statusOf(receipt)).send(written(receipt));
  });

  app.get<{ Params: { queue: string; id: string } }>("/queues/:queue/jobs/:id", async (request) => {
    const { type } = queueOf(queues, request.params.queue);
    const { id } = request.params;
    using _ = answers.hold(stepBytesMax); // one step of a look through the whole queue
    const place = await answered(engine.find(type, id));
    if (place !== undefined) return { id, state: place };
    throw new HttpError(404, `${type.name} holds no job ${id}: it is done, or purged, or never was`);
  });
}

type Written = Extract<Receipt, { outcome: "ok" }>;

const statusOf = ({ duplicate }: Written): number => (duplicate ? 200 : 202);
const written = ({ id, duplicate }: Written): object => ({ id, ...(duplicate && { duplicate }) });

/** In a list each has a status of its own. */
const told = (receipt: Receipt): object =>
  receipt.outcome === "ok" ? { status: statusOf(receipt), ...written(receipt) } : problemBody(problemOf(receipt));
