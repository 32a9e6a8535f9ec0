/**
 * BullMQ as its users run it: connection options go in as plain data, so that it makes its own clients with its own
 * defaults, and every setting that is not its default is named here with the page of its documentation behind it.
 * Its version is the one of the user's repository; 5 and 6 have been tried.
 */
import { z } from "zod";
import type { Context, Connection, System } from "./contract.ts";
import { loadBullmq, loadRedis } from "./bullmq/load.ts";
import { producer } from "./bullmq/enqueue.ts";
import { scan } from "./bullmq/scan.ts";
import { stopMs, work } from "./bullmq/work.ts";

const options = z.strictObject({
  lockDuration: z
    .int()
    .positive()
    .default(30_000)
    .describe("for how long a job is its worker's without a renewal, ms; BullMQ renews at half of it"),
  stalledInterval: z.int().positive().default(30_000).describe("between two looks for jobs whose lock is gone, ms"),
  maxStalledCount: z
    .int()
    .nonnegative()
    .default(1)
    .describe("a job that stalls more often than this is failed, whatever attempts it has left"),
  keepCompleted: z
    .int()
    .nonnegative()
    .default(10_000)
    .describe(
      "so many completed jobs are kept: as many of a sender's repeats find their id still taken; bounds the memory",
    ),
  addDeadlineMs: z
    .int()
    .positive()
    .default(45_000)
    .describe(
      "for how long an add may stay unanswered before it is reported as unknown: BullMQ itself waits for ever, and after an outage up to 20 s for its next try to connect",
    ),
});
export type Config = z.infer<typeof options>;

/** The prefix is the run's, so the name can be the same in each. Must not hold a colon. */
const queueName = "jobs";

/**
 * After an outage a client waits up to 20 s for its next try to connect (`retryStrategy` on
 * https://docs.bullmq.io/guide/going-to-production), and a worker whose call failed meanwhile another 15 s
 * (`runRetryDelay` on https://docs.bullmq.io/api/interfaces/v6.WorkerOptions.html).
 */
const reconnectMs = 20_000 + 15_000;

/** A worker that waits looks for due jobs at least this often (`maximumBlockTimeout` of its Redis backend). */
const pollMs = 10_000;

/**
 * A job is found stalled in two looks: one marks what is active, the next takes what is marked and has lost its lock.
 * Looks may be two intervals apart, because a look too early by a millisecond is skipped.
 */
const recoveryMs = (config: Config): number => config.lockDuration + 2 * config.stalledInterval + reconnectMs;

const system: System<Config> = {
  about:
    "BullMQ on Redis lists and sorted sets, at the version of your own repository, used as its documentation shows. It is held to what that documentation promises, and to nothing else.",
  packages: ["bullmq", "ioredis"],
  // A worker blocks on a second connection of its own, made from the same options: no way to give it another address.
  roles: ["commands"],
  store: "single",
  options,
  profiles: {
    // Lost work is seen within seconds instead of a minute, and a short lock expires more often under load: so a job
    // may stall more often before it counts as poison.
    tuned: options.parse({ lockDuration: 5_000, stalledInterval: 2_000, maxStalledCount: 10 }),
  },
  // `completed` and `failed` of a Worker are emitted after the script that moves the job has answered
  // (https://docs.bullmq.io/guide/events). A worker that is killed between the two reports nothing.
  tellsSettlements: true,
  delays: true,
  // Its priorities are strict: a lower number goes first whenever there is one
  // (https://docs.bullmq.io/guide/jobs/prioritized).
  // Weights are nothing that it knows, so it gets jobs that are all alike, and is asked for no share.
  priorities: false,
  claims: (config) => ({
    // "Delayed by at least 5 seconds" (https://docs.bullmq.io/guide/jobs/delayed), and a retry comes after 2 ^
    // (attempts - 1) * delay
    // milliseconds (https://docs.bullmq.io/guide/retrying-failing-jobs). Whose milliseconds is not said: nobody's are
    // excepted.
    "delayed-not-early": {},
    "retry-not-early": { factor: 2 },
    // A closing worker picks up nothing new and waits for all its current jobs
    // (https://docs.bullmq.io/guide/workers/graceful-shutdown).
    // That page sets no limit; this one is the adapter's.
    "graceful-stop": { graceMs: stopMs },
    // A job is recovered from stalling this often and failed when it stalls once more (`maxStalledCount` on
    // https://docs.bullmq.io/api/interfaces/v6.WorkerOptions.html). One that stalls in another's company may never have
    // been run.
    "poison-isolated": { deliveries: config.maxStalledCount + 1, fewest: 1 },
    // "The number of jobs in a given status" (https://docs.bullmq.io/guide/jobs/getters).
    "metrics-truthful": {},
  }),
  // Jobs of a killed worker are taken up again after about the lock's duration
  // (https://docs.bullmq.io/guide/going-to-production,
  // "Gracefully shut-down workers"), workers recover from any disconnection (the same page, "Automatic reconnections").
  // The rest
  // is what its settings imply: a lock is renewed at half of it.
  bounds: (config) => ({
    recoveryMs: recoveryMs(config),
    retryMs: pollMs,
    leaseMs: config.lockDuration,
    giveAwayMs: config.lockDuration / 2,
    reconnectMs,
  }),
  connect,
};
export default system;

async function connect(context: Context, config: Config): Promise<Connection> {
  const bullmq = await loadBullmq(context);
  const redis = await loadRedis(context);
  const queue = { name: queueName, prefix: context.namespace, address: context.links.commands };
  const add = producer(bullmq, queue, {
    name: context.name,
    retries: context.retries,
    deadlineMs: config.addDeadlineMs,
  });
  return {
    enqueue: add.enqueue,
    depth: add.depth,
    work: (task, stop) =>
      work(bullmq, queue, { name: context.name, attempts: context.retries.attempts, ...config }, task, stop),
    scan: () => scan(redis, queue),
    [Symbol.asyncDispose]: add.close,
  };
}
