/** Thousands of delayed jobs are due at the same moment. */
import type { Scenario } from "./contract.ts";

export const herd = {
  about:
    "Most jobs are delayed, and all that came in the last eight seconds are due at the same moment, thousands of them: the full hour, at which everybody's reminders go out. Workers die, and one is cut off, while they are moved. Whoever looks for what is due page by page has to come to the last page.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 15_000,
    seconds: 24,
    producers: 2,
    workers: 3,
    concurrency: 50,
    payloadBytes: 200,
    work: {
      durationMs: [0, 60],
      failing: 0.02,
      alwaysFailing: 0.002,
      killing: 0,
      delayed: { share: 0.8, upToMs: 8_000, together: true },
    },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [
    { fault: "worker-kill", options: {}, times: 2, between: [0.2, 0.95] },
    { fault: "cut", options: { lastsMs: [2000, 3000] }, times: 1, between: [0.25, 0.8] },
  ],
  exercises: ["no-acked-loss", "at-least-once", "one-verdict", "delayed-not-early", "drained"],
} as const satisfies Scenario;
