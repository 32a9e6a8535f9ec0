/** Done, and nobody was told. */
import type { Scenario } from "./contract.ts";

export const replyLoss = {
  about:
    "Everything that workers and producers send arrives and is carried out, and the answers are lost. Who sends again what was done already makes two jobs of one, or settles twice; who does not may lose the only one.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 20_000,
    seconds: 45,
    producers: 2,
    workers: 4,
    concurrency: 50,
    payloadBytes: 200,
    work: {
      durationMs: [0, 60],
      failing: 0.05,
      alwaysFailing: 0.01,
      killing: 0,
      delayed: { share: 0.02, upToMs: 3_000 },
    },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [
    { fault: "replies-lost", options: { of: "producer", lastsMs: [2000, 6000] }, times: 5, between: [0.05, 0.82] },
    { fault: "replies-lost", options: { lastsMs: [2000, 7000] }, times: 5, between: [0.05, 0.8] },
  ],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "one-verdict",
    "duplicates-explained",
    "dead-letter-exactly-once",
    "attempts-exact",
    "drained",
  ],
} as const satisfies Scenario;
