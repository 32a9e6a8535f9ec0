/** The reference engine through its own door, with its defaults. */
import { connect, jobType } from "../../engine/index.ts";
import type { Address } from "../../systems/contract.ts";
import { batchJobs, concurrency, payload, type Contender } from "./contender.ts";

const type = jobType({ name: "jobs" });
const open = ({ host, port }: Address): ReturnType<typeof connect> =>
  connect({ redis: { host, port }, namespace: "engine" });

export const engine: Contender = {
  about: "the engine: enqueue of 100, one worker with a concurrency of 100",
  async producer(address) {
    const producer = open(address).producer(type);
    return async (jobs) => {
      for (let sent = 0; sent < jobs; sent += batchJobs) {
        const size = Math.min(batchJobs, jobs - sent);
        const receipts = await producer.enqueue(Array.from({ length: size }, () => ({ payload })));
        const failed = receipts.find(({ outcome }) => outcome !== "ok");
        if (failed !== undefined) throw new Error(`a job was not enqueued: ${JSON.stringify(failed)}`);
      }
    };
  },
  async worker(address, handle, settled) {
    const stop = new AbortController().signal; // the process is killed
    const working = open(address).work(type, ({ payload: received }) => handle(received), {
      stop,
      concurrency,
      settled: ({ as, fate }) => {
        if (as !== "done" || fate !== "accepted") throw new Error(`a job was settled as ${as}, ${fate}`);
        settled(1);
      },
    });
    working.catch((error: unknown) => {
      throw error; // ends the process
    });
  },
};
