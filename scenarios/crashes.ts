/** Kills among failures: whoever dies has retries and dead letters in hand, half of them half done. */
import type { Scenario } from "./contract.ts";

export const crashes = {
  about:
    "A third of all jobs fail, many of them for good, and one worker after the other is killed among them. Whatever a queue does to a failed job in more than one step is caught between two of them: the job is there twice, or not at all.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 6_000,
    seconds: 24,
    producers: 1,
    workers: 3,
    concurrency: 50,
    payloadBytes: 200,
    // Long enough that whoever is killed has jobs in hand: 8 or so.
    work: { durationMs: [0, 200], failing: 0.2, alwaysFailing: 0.1, killing: 0, delayed: { share: 0, upToMs: 0 } },
    retries: { attempts: 3, backoffMs: 300 },
  },
  trouble: [{ fault: "worker-kill", options: {}, times: 8, between: [0.06, 0.94] }],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "one-verdict",
    "duplicates-explained",
    "attempts-exact",
    "dead-letter-exactly-once",
    "dead-letter-complete",
    "retry-not-early",
    "recovery-bound",
    "drained",
  ],
} as const satisfies Scenario;
