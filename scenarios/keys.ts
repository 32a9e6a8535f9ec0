/** The same order twice: by a caller who was not answered, by two at once, and long after it was done. */
import type { Scenario } from "./contract.ts";

export const keys = {
  about:
    "Three of ten jobs are enqueued under the key of an earlier one: at once by another producer, or up to ten seconds later, when the first is waiting, running, done or dead, while producers are killed, their answers are lost, and the broker comes back on what it has on disk. Whoever looks first and writes then, or forgets too soon, carries an order out twice; whoever keeps a key without its job carries it out never.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 12_000,
    seconds: 22,
    producers: 2,
    workers: 3,
    concurrency: 30,
    payloadBytes: 200,
    repeats: { share: 0.3, withinMs: 10_000 },
    work: {
      durationMs: [0, 60],
      failing: 0.05,
      alwaysFailing: 0.02,
      killing: 0,
      delayed: { share: 0.05, upToMs: 2_000 },
    },
    retries: { attempts: 3, backoffMs: 300 },
  },
  trouble: [
    { fault: "producer-kill", options: {}, times: 4, between: [0.08, 0.9] },
    { fault: "replies-lost", options: { of: "producer", lastsMs: [1500, 2500] }, times: 2, between: [0.1, 0.85] },
    { fault: "broker-stop", options: { lastsMs: [800, 1200] }, times: 1, between: [0.3, 0.7] },
  ],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "one-verdict",
    "receipts-unique",
    "deduplicated",
    "metrics-truthful",
    "drained",
  ],
} as const satisfies Scenario;
