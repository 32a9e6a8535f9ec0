/** Work is handed in before anybody is there to do it. */
import type { Scenario } from "./contract.ts";

export const lateWorkers = {
  about:
    "The first jobs are enqueued into a queue that no worker has ever seen, and wait there for seconds, some with a delay. Then the first workers come, and one of them dies. Whatever a queue makes ready only when its first worker joins has to reach back to what was there before.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 3_000,
    seconds: 15,
    producers: 2,
    workers: 2,
    concurrency: 50,
    payloadBytes: 200,
    workersFrom: 0.4,
    work: {
      durationMs: [0, 60],
      failing: 0.05,
      alwaysFailing: 0.01,
      killing: 0,
      delayed: { share: 0.1, upToMs: 3_000 },
    },
    retries: { attempts: 3, backoffMs: 300 },
  },
  trouble: [{ fault: "worker-kill", options: {}, times: 1, between: [0.6, 0.9] }],
  exercises: ["no-acked-loss", "at-least-once", "one-verdict", "drained"],
} as const satisfies Scenario;
