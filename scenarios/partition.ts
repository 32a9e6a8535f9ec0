/** Every way in which a network fails those who are connected by it. */
import type { Scenario } from "./contract.ts";

export const partition = {
  about:
    "The links of workers and producers are cut, reset, torn in mid-sentence, silenced in both directions and in one. Nobody is killed, so nobody starts afresh: every client has to find out by itself that its connection is worth nothing any more.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 30_000,
    seconds: 60,
    producers: 2,
    workers: 4,
    concurrency: 50,
    payloadBytes: 200,
    work: {
      durationMs: [0, 60],
      failing: 0.02,
      alwaysFailing: 0.002,
      killing: 0,
      delayed: { share: 0.02, upToMs: 3_000 },
    },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [
    { fault: "cut", options: { lastsMs: [2000, 7000] }, times: 3, between: [0.06, 0.82] },
    { fault: "black-hole", options: { lastsMs: [6000, 8000] }, times: 3, between: [0.06, 0.8] },
    { fault: "reset", options: { lastsMs: [1000, 4000] }, times: 3, between: [0.06, 0.82] },
    { fault: "torn", options: { lastsMs: [2000, 4000] }, times: 3, between: [0.06, 0.82] },
    { fault: "requests-lost", options: { lastsMs: [4000, 7000] }, times: 2, between: [0.06, 0.8] },
    { fault: "latency", options: { lastsMs: [3000, 6000] }, times: 2, between: [0.06, 0.82] },
    { fault: "slow-link", options: { lastsMs: [3000, 6000] }, times: 2, between: [0.06, 0.82] },
    { fault: "cut", options: { of: "producer", lastsMs: [1000, 5000] }, times: 3, between: [0.06, 0.82] },
    { fault: "reset", options: { of: "producer", lastsMs: [500, 2000] }, times: 2, between: [0.06, 0.82] },
    { fault: "torn", options: { of: "producer", lastsMs: [1000, 3000] }, times: 2, between: [0.06, 0.82] },
    { fault: "requests-lost", options: { of: "producer", lastsMs: [2000, 5000] }, times: 2, between: [0.06, 0.82] },
  ],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "one-verdict",
    "duplicates-explained",
    "dead-letter-exactly-once",
    "recovery-bound",
    "progress",
    "drained",
  ],
} as const satisfies Scenario;
