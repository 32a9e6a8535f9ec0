/**
 * What a run writes to a Redis that is not its own: keys of one prefix, and one beside them that holds its mark. They
 * are removed a batch at a time, so that nobody else has to wait.
 */
import { Redis } from "ioredis";
import type { Address } from "../../chaos/contract.ts";

/** Of the keys that are looked through in one step, as a hint to the server. */
const batch = 1000;
const answerMs = 10_000;

/** Not below the prefix itself, where an adapter would find it. */
const markKey = (prefix: string): string => `whitewater:${prefix}`;

/** To be called before the first key is written. @throws when the store does not answer */
export const markKeys = (store: Address, prefix: string, mark: string): Promise<void> =>
  asked(store, async (client) => void (await client.set(markKey(prefix), mark)));

/** @throws when the store does not answer */
export const markOfKeys = (store: Address, prefix: string): Promise<string | undefined> =>
  asked(store, async (client) => (await client.get(markKey(prefix))) ?? undefined);

/**
 * @param prefix of letters, digits, ".", "_" and "-" alone
 * @returns how many there were, beside the mark @throws when the store does not answer
 */
export const removeKeys = (store: Address, prefix: string): Promise<number> =>
  asked(store, async (client) => {
    let removed = 0;
    for (let cursor = "0"; ;) {
      const [next, keys] = await client.scan(cursor, "MATCH", `${prefix}*`, "COUNT", batch);
      if (keys.length > 0) removed += await client.unlink(...keys);
      if (next === "0") break;
      cursor = next;
    }
    await client.unlink(markKey(prefix));
    return removed;
  });

async function asked<T>({ host, port }: Address, ask: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({
    host,
    port,
    connectTimeout: answerMs,
    commandTimeout: answerMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on("error", () => {}); // told by what fails
  try {
    return await ask(client);
  } finally {
    client.disconnect();
  }
}
