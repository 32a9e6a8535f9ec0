/** Removes what a run wrote to a Redis that is not its own: keys of one prefix, a batch at a time, so that nobody else has to wait. */
import { Redis } from "ioredis";
import type { Address } from "../../chaos/contract.ts";

/** Of the keys that are looked through in one step, as a hint to the server. */
const batch = 1000;
const answerMs = 10_000;

/**
 * @param prefix of letters, digits, ".", "_" and "-" alone
 * @returns how many there were @throws when the store does not answer
 */
export async function removeKeys({ host, port }: Address, prefix: string): Promise<number> {
  const client = new Redis({
    host,
    port,
    connectTimeout: answerMs,
    commandTimeout: answerMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on("error", () => {}); // told by what fails
  let removed = 0;
  try {
    for (let cursor = "0"; ;) {
      const [next, keys] = await client.scan(cursor, "MATCH", `${prefix}*`, "COUNT", batch);
      if (keys.length > 0) removed += await client.unlink(...keys);
      if (next === "0") return removed;
      cursor = next;
    }
  } finally {
    client.disconnect();
  }
}
