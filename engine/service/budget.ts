/** Memory that requests share: who finds none left is told to come again, before it takes the process along. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { HttpError } from "./problems.ts";

export interface Budget {
  /** Until what it returns is disposed of. @throws HttpError with status 503 where there is no room */
  hold(bytes: number): Disposable;
  /**
   * Until the request's answer is sent, or its caller gone. @throws HttpError with status 503 where there is no room
   */
  take(request: FastifyRequest, bytes: number): void;
  /** To be called for each request, first of all. */
  begin(request: FastifyRequest, reply: FastifyReply): void;
}

/** @param bytesMax one alone may have more: it could never be had otherwise */
export function budgetOf(bytesMax: number): Budget {
  let taken = 0;
  const open = new WeakMap<FastifyRequest, { bytes: number }>();

  function add(bytes: number, own: number): void {
    if (taken > own && taken + bytes > bytesMax)
      throw new HttpError(503, "the service has as much at once as it bears: ask again in a moment", 1);
    taken += bytes;
  }

  return {
    hold(bytes) {
      add(bytes, 0);
      return { [Symbol.dispose]: () => void (taken -= bytes) };
    },
    take(request, bytes) {
      const share = open.get(request);
      if (share === undefined) return;
      add(bytes, share.bytes);
      share.bytes += bytes;
    },
    begin(request, { raw }) {
      const share = { bytes: 0 };
      open.set(request, share);
      raw.once("close", () => {
        open.delete(request);
        taken -= share.bytes;
      });
    },
  };
}
