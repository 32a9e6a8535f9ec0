/** The main job: a day's curve in a minute and a half, with everything going wrong in the middle of it. */
import type { Scenario } from "./contract.ts";

export const day = {
  about:
    "A ten-million-job day's arrival curve (night, morning ramp, lunch dip, evening peak) squeezed into a minute and a half, while workers are killed, cut off and black-holed and the broker goes away. A queue that comes through this comes through its busiest bad day.",
  store: "aof-everysec",
  load: {
    curve: "day",
    jobs: 200_000,
    seconds: 90,
    producers: 1,
    workers: 4,
    concurrency: 100,
    payloadBytes: 200,
    work: { durationMs: [0, 60], failing: 0.02, alwaysFailing: 0.002, killing: 0, delayed: { share: 0, upToMs: 0 } },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [
    { fault: "broker-stop", options: { lastsMs: [1000, 3000], how: "either" }, times: 2, between: [0.2, 0.88] },
    { fault: "black-hole", options: { lastsMs: [6000, 8000], of: "worker" }, times: 2, between: [0.12, 0.8] },
    { fault: "cut", options: { lastsMs: [2000, 8000], of: "worker" }, times: 3, between: [0.12, 0.85] },
    { fault: "worker-kill", options: {}, times: 6, between: [0.12, 0.9] },
  ],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "duplicates-explained",
    "dead-letter-exactly-once",
    "dead-letter-complete",
    "recovery-bound",
    "drained",
  ],
} as const satisfies Scenario;
