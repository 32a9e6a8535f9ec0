/** The smallest run that still says something: for every push. */
import type { Scenario } from "./contract.ts";

export const smoke = {
  about:
    "Twelve seconds of load with a little of everything: a worker is killed, another is cut off, jobs fail, wait and die. It finds what is plainly broken before anyone waits for more.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 5_000,
    seconds: 12,
    producers: 1,
    workers: 2,
    concurrency: 50,
    payloadBytes: 200,
    work: {
      durationMs: [0, 60],
      failing: 0.05,
      alwaysFailing: 0.01,
      killing: 0,
      delayed: { share: 0.05, upToMs: 3_000 },
    },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [
    { fault: "worker-kill", options: {}, times: 1, between: [0.2, 0.4] },
    { fault: "cut", options: { lastsMs: [1500, 2500] }, times: 1, between: [0.4, 0.6] },
  ],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "one-verdict",
    "duplicates-explained",
    "dead-letter-exactly-once",
    "dead-letter-complete",
    "attempts-exact",
    "retry-not-early",
    "delayed-not-early",
    "recovery-bound",
    "metrics-truthful",
    "drained",
  ],
} as const satisfies Scenario;
