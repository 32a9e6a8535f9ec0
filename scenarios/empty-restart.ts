/** A queue that is worked off and left by everybody is restarted with nothing in it, and then work comes. */
import type { Scenario } from "./contract.ts";

export const emptyRestart = {
  about:
    "A little work is done, then all workers go in good order. The store, which keeps nothing on disk, is restarted while nobody is there; the same producers are there still, and new workers come before there is anything to do. Whatever a queue sets up once, at its first start, is gone, and has to be there again.",
  store: "memory",
  load: {
    curve: "idle-then-burst",
    jobs: 3_000,
    seconds: 32,
    producers: 2,
    workers: 2,
    concurrency: 20,
    payloadBytes: 200,
    work: { durationMs: [0, 60], failing: 0.05, alwaysFailing: 0, killing: 0, delayed: { share: 0, upToMs: 0 } },
    retries: { attempts: 3, backoffMs: 300 },
  },
  trouble: [
    { fault: "fleet-leaves", options: { lastsMs: [8000, 9000] }, times: 1, between: [0.2, 0.24] },
    { fault: "broker-stop", options: { lastsMs: [1000, 1500], how: "shutdown" }, times: 1, between: [0.34, 0.38] },
  ],
  exercises: ["enqueue-recovers", "drained"],
} as const satisfies Scenario;
