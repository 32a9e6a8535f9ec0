/**
 * Adding jobs, and saying of each what is known: BullMQ waits for ever while its connection is away, a producer must
 * not.
 */
import type { Queue } from "bullmq";
import type { Context, Job, Receipt } from "../contract.ts";
import { within } from "../../std/deadline.ts";
import { messageOf } from "../../std/user-error.ts";
import type { Bullmq, QueueAddress } from "./load.ts";

/** Jobs to one `addBulk`, which sends them as one pipeline. */
const batchSize = 500;
const closeDeadlineMs = 5_000;

/** Redis answers these instead of running a script's first write. */
const refusals = /^(OOM|MISCONF|READONLY|NOAUTH|NOPERM|NOREPLICAS|LOADING) ?/;

const countDeadlineMs = 10_000;

export interface BullmqProducer {
  enqueue(jobs: readonly Job[]): Promise<readonly Receipt[]>;
  /** What BullMQ counts as still to be done. Rejects when the store does not answer in time. */
  depth(): Promise<number>;
  close(): Promise<void>;
}

export interface BullmqProducerOptions extends Pick<Context, "name" | "retries"> {
  readonly deadlineMs: number;
}

/** Connects with the first job: a process that only works holds what a BullMQ worker holds, and no more. */
export function producer(bullmq: Bullmq, at: QueueAddress, options: BullmqProducerOptions): BullmqProducer {
  // An unanswered add is sent again by ioredis on its next connection. A job of our own id is then added once
  // (https://docs.bullmq.io/guide/jobs/job-ids): ids are per job, not per send. Colons are not allowed in them.
  const idPrefix = `${encodeURIComponent(options.name)}-`;
  let added = 0;
  let disconnections = 0;
  let queue: Queue<string> | undefined;

  const open = (): Queue<string> => {
    const opened = openQueue(bullmq, at, options.retries);
    opened.on("ioredis:close", () => disconnections++);
    return opened;
  };

  const add = async (jobs: readonly Job[]): Promise<readonly Receipt[]> => {
    queue ??= open();
    const before = disconnections;
    const bulk = queue.addBulk(
      jobs.map(({ payload, delayMs = 0 }) => ({
        name: "job",
        data: payload,
        opts: { jobId: idPrefix + String(added++), delay: delayMs }, // https://docs.bullmq.io/guide/jobs/delayed
      })),
    );
    bulk.catch(() => {}); // may fail after the deadline
    try {
      const answers = await within(bulk, options.deadlineMs, "BullMQ to add the jobs");
      return answers.map(({ id }): Receipt =>
        id === undefined ? { outcome: "unknown", why: "no id" } : { outcome: "ok", id },
      );
    } catch (error) {
      const why = messageOf(error);
      // The error is that of the first job that failed: it says nothing of the others, and nothing of an earlier send.
      const refused = jobs.length === 1 && disconnections === before && refusals.test(why);
      return jobs.map((): Receipt => ({ outcome: refused ? "refused" : "unknown", why }));
    }
  };

  return {
    async enqueue(jobs) {
      const batches = Array.from({ length: Math.ceil(jobs.length / batchSize) }, (_, i) =>
        jobs.slice(i * batchSize, (i + 1) * batchSize),
      );
      return (await Promise.all(batches.map(add))).flat();
    },
    async depth() {
      queue ??= open();
      // https://docs.bullmq.io/guide/jobs/getters: the statuses of a job that has not come to its end.
      const counting = queue.getJobCounts("waiting", "prioritized", "active", "delayed");
      counting.catch(() => {}); // may fail after the deadline
      const counts = await within(counting, countDeadlineMs, "BullMQ to count its jobs");
      return Object.values(counts).reduce((all, count) => all + count, 0);
    },
    async close() {
      if (queue !== undefined) await close(queue);
    },
  };
}

function openQueue(
  bullmq: Bullmq,
  { name, prefix, address }: QueueAddress,
  { attempts, backoffMs }: BullmqProducerOptions["retries"],
): Queue<string> {
  const queue = new bullmq.Queue<string>(name, {
    prefix,
    connection: { host: address.host, port: address.port },
    // https://docs.bullmq.io/guide/retrying-failing-jobs: the n-th retry waits 2 ^ (n - 1) * delay.
    defaultJobOptions: { attempts, backoff: { type: "exponential", delay: backoffMs } },
  });
  queue.on("error", () => {}); // each call reports its own; without a listener the process ends
  return queue;
}

async function close(queue: Queue<string>): Promise<void> {
  try {
    await within(queue.close(), closeDeadlineMs, "BullMQ to close its queue");
  } catch {
    await within(queue.disconnect(), closeDeadlineMs, "BullMQ to disconnect").catch(() => {});
  }
}
