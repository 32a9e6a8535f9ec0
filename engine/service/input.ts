/** What a request says, checked: whoever asks wrongly hears what would be right. */
import { isUtf8 } from "node:buffer";
import type { FastifyInstance } from "fastify";
import type { z } from "zod";
import type { Queue } from "./declaration.ts";
import { HttpError } from "./problems.ts";

/** Bytes that are no UTF-8 would be replaced without a word, and what is taken would be another text than what was sent. */
export function readBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    if (typeof body !== "string" && isUtf8(body)) void parse(request, body.toString(), done);
    else done(new HttpError(400, "the body is not UTF-8, as JSON has to be: nothing of it was read"));
  });
}

/** @throws an error with status 400 that names what does not fit */
export function inputOf<Output>(schema: z.ZodType<Output>, given: unknown): Output {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new HttpError(
    400,
    parsed.error.issues
      .map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
      .join("; "),
  );
}

/** @throws an error with status 404 that names the queues there are */
export function queueOf(queues: readonly Queue[], name: string): Queue {
  const found = queues.find(({ type }) => type.name === name);
  if (found !== undefined) return found;
  throw new HttpError(
    404,
    `no queue is called "${name}"; there are: ${queues.map(({ type }) => type.name).join(", ")}`,
  );
}
