/**
 * What is asked again and again beside the load, on the harness's own direct links: the store's clock, and what the
 * system says it still has to do. Silent while there is no answer; never more than one question of a kind under way.
 */
import { Redis } from "ioredis";
import type { Address } from "../chaos/contract.ts";
import type { Recorder } from "../history/recorder.ts";
import type { Clock } from "../std/clock.ts";
import { beat } from "../std/turn.ts";
import type { Connection } from "../systems/contract.ts";

const timeEveryMs = 100;
const depthEveryMs = 1000;
/** An answer that took longer says little about now. */
const answerMs = 2000;
const reconnectMs = 100;

/** Asks until it is disposed of; a question that is under way then is not awaited. */
export function takeSamples(
  store: Address,
  connection: Pick<Connection, "depth">,
  recorder: Pick<Recorder, "answer">,
  clock: Clock,
): Disposable {
  const client = new Redis({
    host: store.host,
    port: store.port,
    // It must learn of an end at once, and say nothing later than it was asked.
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    socketTimeout: answerMs,
    connectTimeout: answerMs,
    retryStrategy: () => reconnectMs,
  });
  client.on("error", () => {}); // the store is away
  const storeTime = async (): Promise<number> => {
    const [seconds = 0, micros = 0] = (await client.time()).map(Number);
    return seconds * 1000 + micros / 1000;
  };

  const asking = (kind: "storeTime" | "depth", ask: () => Promise<number>): (() => void) => {
    let underWay = false;
    return () => {
      if (underWay) return;
      underWay = true;
      const askedNs = clock.nowNs();
      ask()
        .then((aux) => {
          if (!stopped && clock.nowNs() - askedNs <= answerMs * 1e6) recorder.answer(kind, askedNs, aux);
        })
        .catch(() => {}) // nobody answers
        .finally(() => (underWay = false));
    };
  };

  let stopped = false;
  const depth = connection.depth?.bind(connection);
  const beats = [
    beat(timeEveryMs, asking("storeTime", storeTime)),
    ...(depth === undefined ? [] : [beat(depthEveryMs, asking("depth", depth))]),
  ];
  return {
    [Symbol.dispose]() {
      stopped = true;
      for (const one of beats) one[Symbol.dispose]();
      client.disconnect();
    },
  };
}
