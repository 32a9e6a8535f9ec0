/**
 * One connection to the broker that heals itself and never hides what it does not know: each call ends as answered,
 * as an error that the broker returned, as unanswered (it may have been executed, now or later) or as never sent.
 */
import { createConnection, Socket } from "node:net";
import { AbstractConnector, Redis, ReplyError } from "ioredis";
import { listeners } from "../std/listeners.ts";
import { masterOf, type Address, type Cluster, type Node } from "./address.ts";
import type { Script } from "./script.ts";

export type Answer =
  | { readonly kind: "answer"; readonly value: unknown }
  /**
   * The broker's error reply, by its first word, such as OOM or NOGROUP; also the one that it gave when this connection
   * was last tried.
   */
  | { readonly kind: "error"; readonly code: string; readonly message: string }
  | { readonly kind: "unanswered"; readonly message: string }
  | { readonly kind: "not-sent"; readonly message: string };

export interface Broker {
  /** Never rejects. */
  command(name: string, ...args: readonly (string | number)[]): Promise<Answer>;
  /** Never rejects. Loads the script where it is not known, after a restart, a failover or a flush. */
  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<Answer>;
  /** The number by which the broker knows this connection, undefined while there is none. */
  clientId(): string | undefined;
  isReady(): boolean;
  /** Resolves when it is ready, or closed. */
  whenReady(): Promise<void>;
  /** Calls back at each time that it becomes ready; returns how to end that. */
  onReady(listener: () => void): () => void;
  close(): void;
}

/**
 * Nothing but a silent socket's end heals a half-open connection; this long without the answer that is due, and it
 * ends.
 */
const answerMs = 3000;
const retryMsMax = 500;
/** As ioredis has it by itself. */
const disconnectMs = 2000;

export interface BrokerRoute {
  readonly to: Address | Cluster;
  /** Decides on the master. Needed for a cluster only. */
  readonly key?: string;
  /** How the broker shows the connection. */
  readonly name: string;
  /** How long the broker may hold back the answer to a blocking read. */
  readonly blockMs?: number;
}

/**
 * In a cluster it is connected to the master of one key, and goes where that goes; what the wrong node answers is as if
 * it had not been sent. ioredis has a client for clusters, but that sends again by itself what was not answered.
 */
export function openBroker(route: BrokerRoute, failed: (error: Error) => void): Broker {
  const redis = clientFor(route);
  const isCluster = "cluster" in route.to;
  const refusal = refusalOn(redis, failed);
  const clientId = clientIdOn(redis);
  const readiness = listeners();
  redis.on("ready", readiness.call);
  /** One wait that all share: an outage may have hundreds of waiters. */
  let becoming: PromiseWithResolvers<void> | undefined;
  for (const event of ["ready", "end"] as const)
    redis.on(event, () => {
      becoming?.resolve();
      becoming = undefined;
    });

  let isClosed = false;
  const ended = async (sending: () => Promise<unknown>): Promise<Answer> => {
    if (isClosed) return { kind: "not-sent", message: "not connected (closed)" };
    if (redis.status !== "ready") return refusal() ?? { kind: "not-sent", message: `not connected (${redis.status})` };
    try {
      return { kind: "answer", value: await sending() };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!(error instanceof ReplyError)) return { kind: "unanswered", message };
      if (isCluster && isElsewhere(message)) return { kind: "not-sent", message };
      return errorOf(message);
    }
  };

  return {
    command: (command, ...args) => ended(() => redis.call(command, ...args)),
    async run({ sha, lua, keys: names }, keys, args) {
      if (keys.length !== names.length) throw new TypeError(`this script takes the keys ${names.join(", ")}`);
      const answer = await ended(() => redis.call("EVALSHA", [sha, keys.length, ...keys, ...args]));
      if (answer.kind !== "error" || answer.code !== "NOSCRIPT") return answer;
      return ended(() => redis.call("EVAL", [lua, keys.length, ...keys, ...args]));
    },
    clientId,
    isReady: () => !isClosed && redis.status === "ready",
    whenReady() {
      if (isClosed || redis.status === "ready" || redis.status === "end") return Promise.resolve();
      becoming ??= Promise.withResolvers();
      return becoming.promise;
    },
    onReady: readiness.add,
    close() {
      isClosed = true;
      redis.disconnect();
    },
  };
}

function clientFor({ to, key = "", name, blockMs = 0 }: BrokerRoute): Redis {
  const isCluster = "cluster" in to;
  return new Redis({
    ...(isCluster ? { ...credentialsOf(to), Connector: connectorTo(masterOf(key, to)) } : to),
    connectionName: name,
    protocol: 2,
    // Resent commands would be executed twice, queued ones long after their caller heard that they failed.
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    socketTimeout: answerMs + blockMs,
    connectTimeout: answerMs,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), retryMsMax),
    maxLoadingRetryTime: retryMsMax,
    reconnectOnError: ({ message }) => message.startsWith("READONLY") || (isCluster && isElsewhere(message)),
  });
}

type ErrorAnswer = Extract<Answer, { readonly kind: "error" }>;

/** Why the broker does not let us in; undefined when it did, or could not be asked. */
function refusalOn(redis: Redis, failed: (error: Error) => void): () => ErrorAnswer | undefined {
  let refusal: ErrorAnswer | undefined;
  redis.on("error", (error) => {
    refusal = error instanceof ReplyError ? errorOf(error.message) : undefined;
    failed(error);
  });
  redis.on("connect", () => {
    redis.info("persistence").then(
      (info) => {
        if (/^loading:1/m.test(info)) refusal = errorOf("LOADING the broker reads its data");
      },
      () => {}, // it is reported as an error of the connection
    );
  });
  redis.on("ready", () => {
    refusal = undefined;
  });
  return () => refusal;
}

/** The number of the connection, undefined while there is none. */
function clientIdOn(redis: Redis): () => string | undefined {
  let clientId: string | undefined;
  redis.on("close", () => {
    clientId = undefined;
  });
  redis.on("ready", () => {
    redis.client("ID").then(
      (id) => {
        clientId = String(id);
      },
      () => {}, // the connection is lost again
    );
  });
  return () => clientId;
}

const errorOf = (message: string): ErrorAnswer => ({
  kind: "error",
  code: message.split(" ", 1)[0] ?? "",
  message,
});

/** A node of a cluster says that another one serves that key, or will soon. */
const isElsewhere = (message: string): boolean => message.startsWith("MOVED ") || message.startsWith("ASK ");

const credentialsOf = ({ username, password }: Cluster): Pick<Cluster, "username" | "password"> => ({
  ...(username !== undefined && { username }),
  ...(password !== undefined && { password }),
});

/** ioredis wants a class: one that asks where to before each connection. */
const connectorTo = (where: () => Promise<Node>): new () => AbstractConnector =>
  class extends AbstractConnector {
    constructor() {
      super(disconnectMs);
    }
    async connect(): Promise<Socket> {
      this.connecting = true;
      const socket = await where().then(createConnection, (error: unknown) => {
        // To ioredis, an error here is the end of all connecting; a connection that is gone already is not.
        this.firstError = error instanceof Error ? error : new Error("it is not known where the broker is");
        return new Socket().destroy();
      });
      if (!this.connecting) {
        socket.destroy();
        throw new Error("the connection was closed before it was made");
      }
      socket.once("error", (error) => {
        this.firstError = error;
      });
      this.stream = socket;
      return socket;
    }
  };
