/** Texts of all lengths and scripts, and one that is empty. */
import type { Scenario } from "./contract.ts";

export const texts = {
  about:
    "Half of the texts are in other scripts, with control characters, quotes and line ends among them, some are longer than 64 KiB, some as short as can be, and one is empty. They are retried, delayed and buried, while workers die, a link is torn in the middle of them, and the broker comes back on what it has on disk. What a queue does to texts that its tests never had shows here.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 4_000,
    seconds: 20,
    producers: 2,
    workers: 3,
    concurrency: 20,
    payloadBytes: 200,
    texts: { scripts: 0.5, long: { share: 0.03, upToBytes: 300_000 }, short: 0.1, empty: true },
    work: {
      durationMs: [0, 60],
      failing: 0.1,
      alwaysFailing: 0.05,
      killing: 0,
      delayed: { share: 0.1, upToMs: 2_000 },
    },
    retries: { attempts: 3, backoffMs: 300 },
  },
  trouble: [
    { fault: "worker-kill", options: {}, times: 2, between: [0.1, 0.9] },
    { fault: "torn", options: { lastsMs: [2000, 3000] }, times: 1, between: [0.1, 0.8] },
    { fault: "broker-stop", options: { lastsMs: [1000, 1500] }, times: 1, between: [0.3, 0.7] },
  ],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "one-verdict",
    "dead-letter-exactly-once",
    "dead-letter-complete",
    "drained",
  ],
} as const satisfies Scenario;
