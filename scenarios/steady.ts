/** The real rate of ten million jobs a day, uncompressed. */
import type { Scenario } from "./contract.ts";

export const steady = {
  about:
    "A hundred and sixteen jobs a second, which is ten million a day, with three peaks of five times that, for two minutes, while a worker is killed now and then and the broker restarts. Latency here is what a day's users would see.",
  store: "aof-everysec",
  load: {
    curve: "peaks",
    jobs: 20_600,
    seconds: 120,
    producers: 1,
    workers: 2,
    concurrency: 50,
    payloadBytes: 200,
    work: {
      durationMs: [0, 100],
      failing: 0.02,
      alwaysFailing: 0.002,
      killing: 0,
      delayed: { share: 0.02, upToMs: 5_000 },
    },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [
    { fault: "worker-kill", options: {}, times: 3, between: [0.1, 0.9] },
    { fault: "broker-stop", options: { lastsMs: [1000, 2000], how: "either" }, times: 1, between: [0.4, 0.6] },
  ],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "one-verdict",
    "duplicates-explained",
    "dead-letter-exactly-once",
    "recovery-bound",
    "metrics-truthful",
    "drained",
  ],
} as const satisfies Scenario;
