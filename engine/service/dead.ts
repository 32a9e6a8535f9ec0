/** Routes of those who look after dead jobs: look, put back to work, throw away. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { stepBytesMax } from "../redis/bounds.ts";
import type { DeadJob, DeadLetterFilter, Engine } from "../index.ts";
import type { Budget } from "./budget.ts";
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

/** A page ends when it has so many, which may be before it has as many letters as were asked for. */
const pageBytes = stepBytesMax;

export function deadRoutes(
  app: FastifyInstance,
  { engine, queues, answers }: { readonly engine: Engine; readonly queues: readonly Queue[]; readonly answers: Budget },
): void {
  app.get<{ Params: { queue: string } }>("/queues/:queue/dead", async (request, reply) => {
    const { type } = queueOf(queues, request.params.queue);
    const { limit, ...rest } = inputOf(page, request.query);
    using _ = answers.hold(pageBytes);
    const text = await answered(pageOf(engine.deadLetters(type).list(asked(rest)), limit));
    answers.take(request, text.length);
    return reply.type("application/json; charset=utf-8").send(text);
  });

  /** `{"ids": [...]}` or `{"where": {...}}`; `{"where": {}}` is all of them. */
  const deed = (name: "replay" | "purge", done: string): void => {
    app.post<{ Params: { queue: string } }>(`/queues/:queue/dead/${name}`, async ({ params, body }) => {
      const { type } = queueOf(queues, params.queue);
      const chosen = inputOf(which, body);
      using _ = answers.hold(pageBytes);
      const letters = "ids" in chosen ? chosen.ids : asked(chosen.where);
      return { [done]: await answered(engine.deadLetters(type)[name](letters)) };
    });
  };
  deed("replay", "replayed");
  deed("purge", "purged");
}

/** As JSON: letters are texts as soon as they are read, so that their sizes are known. */
async function pageOf(letters: AsyncIterable<DeadJob>, limit: number): Promise<string> {
  const texts: string[] = [];
  let length = 0;
  let next: string | null = null;
  for await (const letter of letters) {
    const text = JSON.stringify(letter);
    length += text.length;
    if (texts.push(text) < limit && length < pageBytes) continue;
    next = letter.id;
    break;
  }
  return `{"letters":[${texts.join(",")}],"next":${JSON.stringify(next)}}`;
}

const asked = (given: {
  readonly [Key in keyof DeadLetterFilter]: DeadLetterFilter[Key] | undefined;
}): DeadLetterFilter => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
