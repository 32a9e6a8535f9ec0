/** Jobs that outlast their leases, and hands that are all taken. */
import type { Scenario } from "./contract.ts";

export const longJobs = {
  about:
    "Jobs take up to twenty seconds, several times a lease; soon every hand is taken and more jobs wait, and a worker is killed twice. Who is at work has to keep what it has, what the dead had goes on as soon as there is a hand, and no hand stays empty because somebody is under suspicion.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 110,
    seconds: 45,
    producers: 1,
    workers: 2,
    concurrency: 10,
    payloadBytes: 200,
    work: {
      durationMs: [0, 20_000],
      failing: 0.05,
      alwaysFailing: 0,
      killing: 0,
      delayed: { share: 0, upToMs: 0 },
    },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [{ fault: "worker-kill", options: {}, times: 2, between: [0.3, 0.85] }],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "one-verdict",
    "duplicates-explained",
    "no-premature-reclaim",
    "recovery-bound",
    "progress",
    "drained",
  ],
} as const satisfies Scenario;
