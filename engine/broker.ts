/**
 * One connection to the broker that heals itself and never hides what it does not know: each call ends as answered,
 * as an error that the broker returned, as unanswered (it may have been executed, now or later) or as never sent.
 */
import { Redis, ReplyError } from "ioredis";
import type { Script } from "./script.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

export type Answer =
  | { readonly kind: "answer"; readonly value: unknown }
  /** The broker's error reply, by its first word, such as OOM or NOGROUP; also the one that it gave when this connection was last tried. */
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

/** Nothing but a silent socket's end heals a half-open connection; this long without the answer that is due, and it ends. */
const answerMs = 3000;
const retryMsMax = 500;

/** @param blockMs how long the broker may hold back the answer to a blocking read */
export function openBroker(address: Address, name: string, failed: (error: Error) => void, blockMs = 0): Broker {
  const redis = new Redis({
    ...address,
    connectionName: name,
    protocol: 2,
    // Resent commands would be executed twice, queued ones long after their caller was told that they failed.
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    socketTimeout: answerMs + blockMs,
    connectTimeout: answerMs,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), retryMsMax),
    maxLoadingRetryTime: retryMsMax,
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
  });
  /** Why the broker does not let us in; undefined when it did, or could not be asked. */
  let refusal: Extract<Answer, { readonly kind: "error" }> | undefined;
  redis.on("error", (error) => {
    refusal = error instanceof ReplyError ? errorOf(error.message) : undefined;
    failed(error);
  });
  redis.on("connect", () => {
    redis.info("persistence").then(
      (info) => {
        if (/^loading:1/m.test(info)) refusal = errorOf("LOADING the broker reads its data");
      },
      () => {}, // it is told as an error of the connection
    );
  });

  const ended = async (sending: () => Promise<unknown>): Promise<Answer> => {
    if (redis.status !== "ready") return refusal ?? { kind: "not-sent", message: `not connected (${redis.status})` };
    try {
      return { kind: "answer", value: await sending() };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!(error instanceof ReplyError)) return { kind: "unanswered", message };
      return errorOf(message);
    }
  };

  let clientId: string | undefined;
  redis.on("close", () => {
    clientId = undefined;
  });
  const listeners = new Set<() => void>();
  redis.on("ready", () => {
    refusal = undefined;
    redis.client("ID").then(
      (id) => {
        clientId = String(id);
      },
      () => {}, // the connection is lost again
    );
    for (const listener of listeners) listener();
  });
  /** One wait that all share: an outage may have hundreds of waiters. */
  let becoming: PromiseWithResolvers<void> | undefined;
  for (const event of ["ready", "end"] as const)
    redis.on(event, () => {
      becoming?.resolve();
      becoming = undefined;
    });

  return {
    command: (command, ...args) => ended(() => redis.call(command, ...args)),
    async run({ sha, lua, keys: names }, keys, args) {
      if (keys.length !== names.length) throw new TypeError(`this script takes the keys ${names.join(", ")}`);
      const answer = await ended(() => redis.call("EVALSHA", [sha, keys.length, ...keys, ...args]));
      if (answer.kind !== "error" || answer.code !== "NOSCRIPT") return answer;
      return ended(() => redis.call("EVAL", [lua, keys.length, ...keys, ...args]));
    },
    clientId: () => clientId,
    isReady: () => redis.status === "ready",
    whenReady() {
      if (redis.status === "ready" || redis.status === "end") return Promise.resolve();
      becoming ??= Promise.withResolvers();
      return becoming.promise;
    },
    onReady(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => redis.disconnect(),
  };
}

const errorOf = (message: string): Extract<Answer, { readonly kind: "error" }> => ({
  kind: "error",
  code: message.split(" ", 1)[0] ?? "",
  message,
});
