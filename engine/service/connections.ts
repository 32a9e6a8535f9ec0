/**
 * Everything of a connection that no route sees: how many there are, what is no request, and how they end when the
 * service does.
 */
import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { FastifyHttpOptions, FastifyInstance } from "fastify";
import { after } from "../std/clock.ts";
import type { Limits } from "./limits.ts";
import { HttpError, mediaType, problemBody, sendProblem, type Problem } from "./problems.ts";

/** How often it is looked whose time is over. */
const lookMs = 1000;

interface Talk {
  /** Requests that are not answered yet, in their order. */
  readonly open: Map<IncomingMessage, ServerResponse>;
  last?: IncomingMessage;
  /** What followed was no request, or the body of the last one is none. */
  lastWord?: Problem;
}

const talks = new WeakMap<Duplex, Talk>();

function talkOf(socket: Duplex): Talk {
  const talk = talks.get(socket) ?? { open: new Map() };
  talks.set(socket, talk);
  return talk;
}

/** Answers come in the order of the requests: before its turn, this one would be taken for that of another. */
function sayLastWord(socket: Duplex): void {
  const { open, last, lastWord } = talkOf(socket);
  if (lastWord === undefined) return;
  const broken = last === undefined || last.complete ? undefined : last;
  if (open.size > (broken === undefined ? 0 : 1)) return;
  if (broken === undefined || open.get(broken)?.headersSent === false) answer(socket, lastWord);
  else socket.destroy(); // it has its answer
}

export const connectionOptions = ({ headersMs, requestMs }: Limits): FastifyHttpOptions<Server> => ({
  requestTimeout: requestMs,
  // A host is asked for by us, who say what is missing.
  http: { headersTimeout: headersMs, connectionsCheckingInterval: lookMs, requireHostHeader: false },
  return503OnClosing: false, // as a problem, by us
  frameworkErrors: ({ statusCode = 500, message }, _request, reply) => {
    sendProblem(reply, { status: statusCode, detail: message });
  },
  clientErrorHandler(error, socket) {
    if (error.code === "ECONNRESET") return void socket.destroy();
    talkOf(socket).lastWord ??= misunderstood(error.code);
    sayLastWord(socket);
  },
});

function misunderstood(code: string): Problem {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return { status: 408, detail: "the request did not come to its end in time" };
  if (code === "HPE_HEADER_OVERFLOW") return { status: 431, detail: "its headers, or its URL, are too long" };
  if (code === "HPE_CHUNK_EXTENSIONS_OVERFLOW") return { status: 413, detail: "its chunk extensions are too long" };
  return { status: 400, detail: `it is no request as HTTP/1.1 has it (${code})` };
}

/** Where there is no request to answer. */
function answer(socket: Duplex, problem: Problem): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify(problemBody(problem));
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `Content-Type: ${mediaType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end([...head, "", body].join("\r\n"), () => socket.destroy());
}

/** @returns aborted a while after the app was asked to close: by then all bodies should have come */
export function boundConnections(app: FastifyInstance, limits: Limits): AbortSignal {
  const server: Server = app.server;
  server.maxConnections = limits.connectionsMax;
  const sockets = new Set<Socket>();
  const closing = new AbortController();
  const bodiesOver = new AbortController();
  let stopTimers = (): void => {};

  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("request", (request, response) => {
    const talk = talkOf(request.socket);
    talk.open.set(request, response);
    talk.last = request;
    response.once("close", () => {
      talk.open.delete(request);
      sayLastWord(request.socket);
    });
  });
  server.on("checkExpectation", (_request, response) => {
    const body = JSON.stringify(
      problemBody({ status: 417, detail: "the only expectation that is met is 100-continue" }),
    );
    const headers = { "content-type": mediaType, "content-length": body.length, connection: "close" };
    response.writeHead(417, headers).end(body);
  });
  server.on("connect", (_request, socket) => answer(socket, { status: 405, detail: "nothing answers CONNECT" }));

  app.addHook("onRequest", async () => {
    if (closing.signal.aborted) throw new HttpError(503, "the service stops: ask another, or again in a moment", 1);
  });
  app.addHook("onSend", async (request, reply) => {
    if (closing.signal.aborted) void reply.header("connection", "close");
    // Whoever takes nothing of its answer keeps it in our memory. Node takes this back when the answer is out.
    request.raw.socket.setTimeout(limits.silentMs);
  });
  app.addHook("preClose", (done) => {
    closing.abort();
    // To Node, one that never said anything is not idle.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    const bodies = after(limits.stopBodiesMs, () => bodiesOver.abort());
    const all = after(limits.stopMs, () => server.closeAllConnections());
    stopTimers = () => {
      bodies();
      all();
    };
    done();
  });
  app.addHook("onClose", (_app, done) => {
    stopTimers();
    done();
  });
  return bodiesOver.signal;
}
