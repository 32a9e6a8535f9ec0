/** What a user of an API feels while the queue behind it has more to do than it can. */
import type { Scenario } from "./contract.ts";

export const api = {
  about:
    "Jobs come in by an interface that people wait for, at a steady trickle; twice thousands come at once, and are worked off for ten seconds while the trickle goes on. Workers die meanwhile, and the store goes away once. Who enqueues beside the backlog should not feel it. With `--system stream-http` it is the engine's HTTP service that is asked.",
  store: "aof-everysec",
  load: {
    curve: "burst",
    jobs: 12_000,
    seconds: 40,
    producers: 1,
    workers: 2,
    // 450 a second together: a burst is ten seconds' work, and leaves the processors free.
    concurrency: 14,
    payloadBytes: 200,
    work: {
      durationMs: [25, 100],
      failing: 0.02,
      alwaysFailing: 0.002,
      killing: 0,
      delayed: { share: 0, upToMs: 0 },
    },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [
    { fault: "worker-kill", options: {}, times: 2, between: [0.3, 0.7] },
    { fault: "broker-stop", options: { lastsMs: [1000, 2000] }, times: 1, between: [0.88, 0.92] },
  ],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "one-verdict",
    "enqueue-unhindered",
    "recovery-bound",
    "drained",
  ],
} as const satisfies Scenario;
