/** Jobs that take their worker with them. */
import type { Scenario } from "./contract.ts";

export const poison = {
  about:
    "A few jobs end the process of every worker that runs them, whatever it has in hand beside. They must end up as dead letters after a bounded number of crashes, and the jobs that merely were near them must not.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 6_000,
    seconds: 40,
    producers: 1,
    workers: 4,
    concurrency: 50,
    payloadBytes: 200,
    work: {
      durationMs: [0, 60],
      failing: 0.02,
      alwaysFailing: 0.005,
      killing: 0.001,
      delayed: { share: 0, upToMs: 0 },
    },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "one-verdict",
    "poison-isolated",
    "dead-letter-exactly-once",
    "attempts-exact",
    "recovery-bound",
    "drained",
  ],
} as const satisfies Scenario;
