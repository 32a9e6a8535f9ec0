/**
 * Reads the body of a request as JSON: into one buffer however small its pieces are, and no larger or deeper than it
 * may be. Bytes that are no UTF-8 would be replaced without a word, and what is taken would be another text than what
 * was sent.
 */
import { isUtf8 } from "node:buffer";
import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Budget } from "./budget.ts";
import { depthMax } from "./limits.ts";
import { HttpError } from "./problems.ts";

/** The first buffer; it is doubled when it is full. */
const bytesLeast = 1024;
/** What values take in memory, about; texts are counted as bytes of the body. */
const valueBytes = { plain: 8, nested: 48 };

/** @param stopped aborted: what has not come by then is refused */
export function readJson(
  app: FastifyInstance,
  { bytesMax, budget, stopped }: { readonly bytesMax: number; readonly budget: Budget; readonly stopped: AbortSignal },
): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers(); // text is no job: it is an unsupported media type
  app.addContentTypeParser("application/json", async (request: FastifyRequest, payload: FastifyRequest["raw"]) => {
    const grown = (bytes: number): void => budget.take(request, bytes);
    const body = await bytesOf(payload, { bytesMax, grown, stopped });
    if (!isUtf8(body)) throw new HttpError(400, "the body is not UTF-8, as JSON has to be: nothing of it was read");
    const value = await new Promise<unknown>((resolve, reject) => {
      void parse(request, body.toString("utf8"), (error, parsed: unknown) =>
        error === null ? resolve(parsed) : reject(error),
      );
    });
    budget.take(request, bytesOfValues(value, depthMax));
    return value;
  });
}

/** @param grown told of memory before it is taken; what it throws ends the reading */
function bytesOf(
  source: Readable,
  {
    bytesMax,
    grown,
    stopped,
  }: { readonly bytesMax: number; readonly grown: (bytes: number) => void; readonly stopped: AbortSignal },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let buffer = Buffer.alloc(0);
    let length = 0;

    function add(piece: Buffer): void {
      const needed = length + piece.length;
      if (needed > bytesMax) throw new HttpError(413, `the body is too large: it may have ${bytesMax} bytes`);
      if (needed > buffer.length) {
        const size = Math.min(Math.max(bytesLeast, needed, 2 * buffer.length), bytesMax);
        grown(size - buffer.length);
        const larger = Buffer.allocUnsafe(size);
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      piece.copy(buffer, length);
      length = needed;
    }
    const take = (piece: Buffer): void => {
      try {
        add(piece);
      } catch (error) {
        over(error);
      }
    };
    const end = (): void => over(undefined);
    const stop = (): void => over(new HttpError(503, "the service stops, and the body had not come: send it again", 1));
    const broken = (): void => over(new HttpError(400, "the body did not come to its end"));
    const listeners = { data: take, end, error: broken, close: broken };

    function over(error: unknown): void {
      for (const [event, listener] of Object.entries(listeners)) source.off(event, listener);
      source.on("error", () => {}); // nobody reads it any more
      stopped.removeEventListener("abort", stop);
      if (error === undefined) resolve(buffer.subarray(0, length));
      else reject(error);
    }

    for (const [event, listener] of Object.entries(listeners)) source.on(event, listener);
    stopped.addEventListener("abort", stop, { once: true });
    if (stopped.aborted) stop();
  });
}

/** @throws HttpError for what is nested too deep */
function bytesOfValues(value: unknown, depth: number): number {
  if (typeof value !== "object" || value === null) return valueBytes.plain;
  if (depth === 0) throw new HttpError(400, `the body is nested deeper than ${depthMax} levels`);
  let bytes = valueBytes.nested;
  for (const one of Object.values(value)) bytes += bytesOfValues(one, depth - 1);
  return bytes;
}
