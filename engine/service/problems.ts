/** Errors as RFC 9457 has them: `application/problem+json`, a `type` for programs, a `detail` that says what to do. */
import { STATUS_CODES } from "node:http";
import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";
import type { Reason, Receipt } from "../index.ts";
import { messageOf } from "../std/thrown.ts";

export interface Problem {
  readonly status: number;
  /** The last part of `type`; left out where the status says it all. */
  readonly name?: string;
  readonly detail: string;
  readonly retryAfterSeconds?: number;
}

export const mediaType = "application/problem+json";

export function problemBody({ status, name, detail }: Problem): Readonly<Record<string, unknown>> {
  const type = name === undefined ? "about:blank" : `urn:problem:engine:${name}`;
  return { type, title: STATUS_CODES[status], status, detail };
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.retryAfterSeconds !== undefined) void reply.header("retry-after", problem.retryAfterSeconds);
  return reply.code(problem.status).type(mediaType).send(problemBody(problem));
}

/** A full queue is the caller's to wait for; all else is the broker's. */
const statusOf = (reason: Reason): number => (reason === "full" ? 429 : 503);
/** Where it passes by itself, or by the workers' work. */
const passing: ReadonlySet<Reason> = new Set(["full", "memory", "read-only", "loading", "away"]);

/** What became of a job that is not known to be written. */
export function problemOf(receipt: Exclude<Receipt, { outcome: "ok" }>): Problem {
  if (receipt.outcome === "unknown")
    return {
      status: 504,
      name: "unknown",
      detail: `${receipt.why}. The job was written once or not at all: send it again with the same \`key\`, if it had one`,
    };
  const { reason, why } = receipt;
  const problem = { status: statusOf(reason), name: reason, detail: why };
  return passing.has(reason) ? { ...problem, retryAfterSeconds: 1 } : problem;
}

/** @param failed told of what nobody foresaw */
export function answerProblems(app: FastifyInstance, failed: (error: Error) => void): void {
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, { status: 404, detail: `nothing answers ${request.method} ${request.url.split("?", 1)[0]}` }),
  );
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const { statusCode: status = 500, message } = error;
    if (error instanceof HttpError) return sendProblem(reply, problemIn(error));
    if (status < 500) return sendProblem(reply, { status, detail: message });
    failed(error);
    return sendProblem(reply, { status, detail: "an error of the service, which has it in its log" });
  });
}

const problemIn = ({ statusCode: status, message: detail, retryAfterSeconds }: HttpError): Problem =>
  retryAfterSeconds === undefined ? { status, detail } : { status, detail, retryAfterSeconds };

/** Thrown by a route, told by the error handler with its message. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly statusCode: number;
  readonly retryAfterSeconds?: number;
  constructor(statusCode: number, message: string, retryAfterSeconds?: number) {
    super(message);
    this.statusCode = statusCode;
    if (retryAfterSeconds !== undefined) this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * What the broker says. @throws HttpError for what nobody can ask, and when it says nothing; all that is asked of it
 * may be asked again
 */
export async function answered<Value>(answer: Promise<Value>): Promise<Value> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RangeError) throw new HttpError(400, error.message);
    throw new HttpError(503, `the broker does not answer (${messageOf(error)}): ask again later`);
  }
}
