/** The dull fault that hurts most: the broker is away for longer than readers block, and work comes afterwards. */
import type { Scenario } from "./contract.ts";

export const outage = {
  about:
    "The broker is stopped for 20 seconds while all workers sit in their blocking reads; jobs are enqueued only after it is back. Work must go on without a restart of anything: a client that does not notice that its connection is gone waits for ever, and nobody is told; and one that refuses is asked for longer than it may take.",
  store: "aof-everysec",
  load: {
    curve: "idle-then-burst",
    jobs: 500,
    seconds: 45,
    producers: 1,
    workers: 2,
    concurrency: 10,
    payloadBytes: 200,
    work: { durationMs: [0, 20], failing: 0, alwaysFailing: 0, killing: 0, delayed: { share: 0, upToMs: 0 } },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [
    { fault: "broker-stop", options: { lastsMs: [20_000, 20_000], how: "either" }, times: 1, between: [0.18, 0.22] },
  ],
  // Nothing is in hand or under way at its fault: it threatens clients, and no job.
  exercises: ["enqueue-recovers", "progress", "drained"],
} as const satisfies Scenario;
