/** Fifty times as much as usual, twice, with a worker lost in the midst of it. */
import type { Scenario } from "./contract.ts";

export const burst = {
  about:
    "A trickle of jobs, and twice a burst of fifty times the rate, while a worker dies and the store's link of another is slow. What piles up has to be worked off at once, by all, and the queue's own count of it has to be true.",
  store: "aof-everysec",
  load: {
    curve: "burst",
    jobs: 30_000,
    seconds: 40,
    producers: 1,
    workers: 4,
    concurrency: 100,
    payloadBytes: 200,
    work: {
      durationMs: [0, 60],
      failing: 0.02,
      alwaysFailing: 0.002,
      killing: 0,
      delayed: { share: 0.02, upToMs: 3_000 },
    },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [
    { fault: "worker-kill", options: {}, times: 2, between: [0.24, 0.7] },
    { fault: "latency", options: { lastsMs: [3000, 5000] }, times: 2, between: [0.2, 0.75] },
  ],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "one-verdict",
    "progress",
    "recovery-bound",
    "metrics-truthful",
    "drained",
  ],
} as const satisfies Scenario;
