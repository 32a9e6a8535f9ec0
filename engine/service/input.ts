/** What a request says, checked: whoever asks wrongly hears what would be right. */
import type { z } from "zod";
import type { Queue } from "./declaration.ts";
import { HttpError } from "./problems.ts";

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
