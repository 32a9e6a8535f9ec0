/** An hour's backlog in small: a minute's work waits when the workers come. */
import type { Scenario } from "./contract.ts";

export const backlog = {
  about:
    "Jobs come for a quarter of a minute while nobody works, and many more than the workers can do after that: what waits when they come is a minute's work for all of them, as after a weekend without workers. The broker goes away and comes back with all of it. What was enqueued first has to be there still, however much stands behind it.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 40_000,
    seconds: 20,
    producers: 2,
    workers: 2,
    concurrency: 20,
    payloadBytes: 200,
    workersFrom: 0.7,
    work: { durationMs: [20, 100], failing: 0.01, alwaysFailing: 0, killing: 0, delayed: { share: 0, upToMs: 0 } },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [
    { fault: "broker-stop", options: { lastsMs: [1000, 1500] }, times: 1, between: [0.75, 0.8] },
    { fault: "worker-kill", options: {}, times: 1, between: [0.9, 0.98] },
  ],
  exercises: ["no-acked-loss", "at-least-once", "one-verdict", "drained"],
} as const satisfies Scenario;
