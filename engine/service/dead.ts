/** Routes of those who look after dead jobs: look, put back to work, throw away. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { DeadJob, DeadLetterFilter, Engine } from "../index.ts";
import type { Queue } from "./declaration.ts";
import { inputOf, queueOf } from "./input.ts";
import { answered } from "./problems.ts";

const id = z
  .string()
  .regex(
    /^(\d{1,5}\/)?\d{1,20}-\d{1,20}$/,
    "an id of a dead letter, such as 1700000000000-0, or 2/1700000000000-0 of several shards",
  );
const time = z.coerce.number().min(0);
const filter = { since: time.optional(), until: time.optional(), error: z.string().min(1).optional() };
const page = z.strictObject({
  ...filter,
  after: id.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
const which = z.union([
  z.strictObject({ ids: z.array(id).min(1).max(10_000) }),
  z.strictObject({ where: z.strictObject(filter) }),
]);

export function deadRoutes(
  app: FastifyInstance,
  { engine, queues }: { readonly engine: Engine; readonly queues: readonly Queue[] },
): void {
  app.get<{ Params: { queue: string } }>("/queues/:queue/dead", async ({ params, query }) => {
    const { type } = queueOf(queues, params.queue);
    const { limit, ...rest } = inputOf(page, query);
    const letters = await answered(firstOf(engine.deadLetters(type).list(asked(rest)), limit));
    return { letters, next: letters.length === limit ? letters.at(-1)?.id : null };
  });

  /** `{"ids": [...]}` or `{"where": {...}}`; `{"where": {}}` is all of them. */
  const deed = (name: "replay" | "purge", done: string): void => {
    app.post<{ Params: { queue: string } }>(`/queues/:queue/dead/${name}`, async ({ params, body }) => {
      const { type } = queueOf(queues, params.queue);
      const chosen = inputOf(which, body);
      const letters = "ids" in chosen ? chosen.ids : asked(chosen.where);
      return { [done]: await answered(engine.deadLetters(type)[name](letters)) };
    });
  };
  deed("replay", "replayed");
  deed("purge", "purged");
}

async function firstOf(letters: AsyncIterable<DeadJob>, limit: number): Promise<readonly DeadJob[]> {
  const first: DeadJob[] = [];
  for await (const letter of letters) if (first.push(letter) === limit) break;
  return first;
}

const asked = (given: {
  readonly [Key in keyof DeadLetterFilter]: DeadLetterFilter[Key] | undefined;
}): DeadLetterFilter => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
