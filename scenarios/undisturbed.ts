/** Nothing goes wrong: whatever is late is late by the queue's own doing. */
import type { Scenario } from "./contract.ts";

export const undisturbed = {
  about:
    "A trickle of jobs, and twice as many at once as are worked off in five seconds, for three workers of few hands, with delays and retries among them, and no fault at all. Whoever waits while a hand is free waits for the queue.",
  store: "aof-everysec",
  load: {
    curve: "burst",
    jobs: 4_500,
    seconds: 25,
    producers: 1,
    workers: 3,
    // 360 a second together, and the processors stay free; a third of that if one of them has it all.
    concurrency: 6,
    payloadBytes: 200,
    work: {
      durationMs: [20, 80],
      failing: 0.1,
      alwaysFailing: 0.005,
      killing: 0,
      delayed: { share: 0.1, upToMs: 2_000 },
    },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "started-on-time",
    "retry-on-time",
    "delayed-on-time",
    "attempts-exact",
    "metrics-truthful",
    "drained",
  ],
} as const satisfies Scenario;
