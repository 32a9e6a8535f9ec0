/** BullMQ as its documentation shows it, with nothing kept of what is done: that is its fastest. */
import { Queue, Worker } from "bullmq";
import { batchJobs, concurrency, payload, type Contender } from "./contender.ts";

const name = "jobs";

export const bullmq: Contender = {
  about: "BullMQ: addBulk of 100, one worker with a concurrency of 100, completed jobs removed",
  async producer({ host, port }) {
    const queue = new Queue(name, { connection: { host, port }, defaultJobOptions: { removeOnComplete: true } });
    await queue.waitUntilReady();
    return async (jobs) => {
      for (let sent = 0; sent < jobs; sent += batchJobs) {
        await queue.addBulk(
          Array.from({ length: Math.min(batchJobs, jobs - sent) }, () => ({ name: "job", data: payload })),
        );
      }
    };
  },
  async worker({ host, port }, handle, settled) {
    const connection = { host, port, maxRetriesPerRequest: null };
    const worker = new Worker<string>(name, (job) => handle(job.data), { connection, concurrency });
    worker.on("completed", () => settled(1));
    worker.on("error", (error) => {
      throw error; // ends the process
    });
    await worker.waitUntilReady();
  },
};
