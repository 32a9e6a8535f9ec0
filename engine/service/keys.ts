/** Routes of those who ask what became of a caller's key, or free it. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Engine } from "../index.ts";
import type { Queue } from "./declaration.ts";
import { inputOf, queueOf } from "./input.ts";
import { answered, HttpError } from "./problems.ts";

/** In the query: a part of a path has its own ideas of a slash, and of what is too long. */
const asked = z.strictObject({ key: z.string().min(1) });

interface Where {
  readonly Params: { readonly queue: string };
}

export function keyRoutes(
  app: FastifyInstance,
  { engine, queues }: { readonly engine: Engine; readonly queues: readonly Queue[] },
): void {
  app.get<Where>("/queues/:queue/keys", async ({ params, query }) => {
    const { type } = queueOf(queues, params.queue);
    const { key } = inputOf(asked, query);
    const id = await answered(engine.keys(type).find(key));
    if (id !== undefined) return { key, id };
    throw new HttpError(404, `${type.name} knows no job under that key: it is free`);
  });

  app.delete<Where>("/queues/:queue/keys", async ({ params, query }) => {
    const { type } = queueOf(queues, params.queue);
    const { key } = inputOf(asked, query);
    return { key, forgotten: await answered(engine.keys(type).forget(key)) };
  });
}
