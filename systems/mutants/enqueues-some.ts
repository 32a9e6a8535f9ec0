/** An engine that gets some of what is enqueued, and whose sender hears something of the rest. */
import type { Connection, Receipt } from "../contract.ts";

/** @param isTaken asked of each job, by its number from 1 */
export function enqueuingSome(
  connection: Connection,
  isTaken: (number: number) => boolean,
  otherwise: Receipt,
): Connection {
  let count = 0;
  return {
    ...connection,
    async enqueue(jobs) {
      const taken = jobs.map(() => isTaken(++count));
      const receipts = [...(await connection.enqueue(jobs.filter((_, index) => taken[index])))];
      return taken.map((isOne) => (isOne ? receipts.shift() : undefined) ?? otherwise);
    },
  };
}
