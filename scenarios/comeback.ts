/**
 * Everybody loses the store for a moment, one after the other and then all at once, and has to be back and at work in
 * time.
 */
import type { Scenario } from "./contract.ts";

export const comeback = {
  about:
    "Producers and workers lose their links in turn, and then the broker goes away for all of them at once. Nobody is killed: each client has to find its own way back, be answered again, and take jobs again, within the time that the queue claims.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 6_000,
    seconds: 30,
    producers: 2,
    workers: 3,
    concurrency: 20,
    payloadBytes: 200,
    work: { durationMs: [0, 60], failing: 0.02, alwaysFailing: 0, killing: 0, delayed: { share: 0, upToMs: 0 } },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [
    { fault: "cut", options: { of: "producer", lastsMs: [1000, 2000] }, times: 2, between: [0.04, 0.26] },
    { fault: "cut", options: { lastsMs: [1000, 2000] }, times: 2, between: [0.04, 0.3] },
    { fault: "replies-lost", options: { of: "producer", lastsMs: [1000, 2000] }, times: 1, between: [0.1, 0.26] },
    { fault: "broker-stop", options: { lastsMs: [1500, 2500] }, times: 1, between: [0.42, 0.46] },
  ],
  exercises: ["no-acked-loss", "at-least-once", "one-verdict", "enqueue-recovers", "drained"],
} as const satisfies Scenario;
