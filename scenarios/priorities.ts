/** More work than hands, of three kinds that are not equally urgent, while workers die. */
import type { Scenario } from "./contract.ts";

export const priorities = {
  about:
    "Twice as many jobs come at once as are worked off in fifteen seconds, of three priorities, while workers die. What is urgent is to go first, by its weight and no further: whoever is less urgent waits longer and is not forgotten, and nobody's weight depends on how many jobs there are of it.",
  store: "aof-everysec",
  load: {
    curve: "burst",
    jobs: 16_000,
    seconds: 30,
    producers: 1,
    workers: 3,
    // 370 a second together, and the processors stay free. Most of the jobs come in two bursts, each of fifteen
    // seconds' work.
    concurrency: 8,
    payloadBytes: 200,
    work: {
      durationMs: [25, 100],
      failing: 0.02,
      alwaysFailing: 0.002,
      killing: 0,
      delayed: { share: 0.02, upToMs: 3_000 },
    },
    retries: { attempts: 3, backoffMs: 500 },
    // Urgent jobs are a fifth of all and have half of the weight: in order of arrival they get far less than is theirs.
    priorities: {
      high: { weight: 5, share: 0.2 },
      normal: { weight: 3, share: 0.4 },
      low: { weight: 2, share: 0.4 },
    },
  },
  // Beside the first burst. The second is worked off undisturbed, and long enough for who is forgotten to be missed.
  trouble: [{ fault: "worker-kill", options: {}, times: 2, between: [0.27, 0.42] }],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "one-verdict",
    "duplicates-explained",
    "recovery-bound",
    "progress",
    "no-starvation",
    "priority-honoured",
    "metrics-truthful",
    "drained",
  ],
} as const satisfies Scenario;
