/** A deployment: worker after worker is asked to go. */
import type { Scenario } from "./contract.ts";

export const rollingRestart = {
  about:
    "Workers are told to stop (SIGTERM) one after the other under full load, and new ones take their places, as in any deployment. Nothing needs to be lost, run twice or left for a lease to expire: who is asked in good time has the time to finish.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 30_000,
    seconds: 45,
    producers: 1,
    workers: 4,
    concurrency: 50,
    payloadBytes: 200,
    work: {
      durationMs: [0, 300],
      failing: 0.02,
      alwaysFailing: 0.002,
      killing: 0,
      delayed: { share: 0.02, upToMs: 3_000 },
    },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [{ fault: "worker-restart", options: { graceMs: 6000 }, times: 8, between: [0.06, 0.85] }],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "one-verdict",
    "graceful-stop",
    "duplicates-explained",
    "attempts-exact",
    "drained",
  ],
} as const satisfies Scenario;
