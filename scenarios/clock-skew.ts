/** Three clocks that disagree, and jobs that have to wait for their time. */
import type { Scenario } from "./contract.ts";

export const clockSkew = {
  about:
    "The wall clocks of workers, producers and the broker itself jump and drift by up to an hour while many jobs are delayed or retried. A queue that asks the wrong clock starts them too early, never, or takes work from those who are well.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 12_000,
    seconds: 45,
    producers: 2,
    workers: 4,
    concurrency: 50,
    payloadBytes: 200,
    work: {
      durationMs: [0, 300],
      failing: 0.1,
      alwaysFailing: 0.01,
      killing: 0,
      delayed: { share: 0.1, upToMs: 5_000 },
    },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [
    { fault: "clock", options: { of: "worker", lastsMs: [5000, 10000] }, times: 5, between: [0.06, 0.75] },
    { fault: "clock", options: { of: "producer", lastsMs: [5000, 10000] }, times: 3, between: [0.06, 0.75] },
    { fault: "clock", options: { of: "store", lastsMs: [4000, 7000] }, times: 3, between: [0.06, 0.78] },
  ],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "one-verdict",
    "retry-not-early",
    "delayed-not-early",
    "no-premature-reclaim",
    "drained",
  ],
} as const satisfies Scenario;
