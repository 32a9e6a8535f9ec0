/** Callers' keys as a client keeps them that has them beside the queue, in a hash of its own: key to id. */
import { openBroker, type Broker } from "../../engine/redis/broker.ts";
import { keysOf } from "../../engine/redis/keys.ts";
import { monotonic, pause } from "../../std/clock.ts";
import type { Connection, Context, Job, Receipt } from "../contract.ts";
import { keyBeside } from "./beside.ts";

export interface OwnKeys {
  /** Asks until it is answered: what was not answered may have been done. */
  ask(command: string, ...args: readonly string[]): Promise<unknown>;
}

/** @param enqueue what it does in the place of the engine, which hears of no keys */
export function withOwnKeys(
  { links, namespace, name }: Pick<Context, "links" | "namespace" | "name">,
  connection: Connection,
  enqueue: (jobs: readonly Job[], keys: OwnKeys) => Promise<readonly Receipt[]>,
): Connection {
  const broker = openBroker({ to: links.commands, name: `${name}:keys` }, () => {});
  const hash = keyBeside(keysOf(namespace, "job"), "own-keys");
  const keys: OwnKeys = { ask: (command, ...args) => answerTo(broker, command, hash, ...args) };
  return {
    ...connection,
    enqueue: (jobs) => enqueue(jobs, keys),
    async [Symbol.asyncDispose]() {
      broker.close();
      await connection[Symbol.asyncDispose]();
    },
  };
}

const patienceMs = 20_000;

/** undefined where nobody answers for long */
async function answerTo(broker: Broker, command: string, ...args: readonly string[]): Promise<unknown> {
  const until = monotonic.nowNs() + patienceMs * 1e6;
  while (monotonic.nowNs() < until) {
    const answer = await broker.command(command, ...args);
    if (answer.kind === "answer") return answer.value;
    await pause(monotonic, 50);
  }
  return undefined;
}

export const withoutKey = ({ payload, delayMs, priority }: Job): Job => ({
  payload,
  ...(delayMs === undefined ? {} : { delayMs }),
  ...(priority === undefined ? {} : { priority }),
});
