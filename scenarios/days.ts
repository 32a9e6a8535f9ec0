/** The store's clock jumps by days, forward and back, while jobs wait for their time. */
import type { Scenario } from "./contract.ts";

export const days = {
  about:
    "The broker's clock jumps two days ahead and back again, and two days back and ahead again, while many jobs are delayed or retried; so does a worker's. For the store two days have passed: whatever it was told to keep for a day is gone. No job may be, however long it waits.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 6_000,
    seconds: 30,
    producers: 2,
    workers: 3,
    concurrency: 50,
    payloadBytes: 200,
    work: {
      durationMs: [0, 100],
      failing: 0.1,
      alwaysFailing: 0.01,
      killing: 0,
      delayed: { share: 0.2, upToMs: 5_000 },
    },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [
    {
      fault: "clock",
      options: { of: "store", offsetsMs: [172_800_000], how: "jump", lastsMs: [3000, 4000] },
      times: 1,
      between: [0.1, 0.35],
    },
    {
      fault: "clock",
      options: { of: "store", offsetsMs: [-172_800_000], how: "jump", lastsMs: [3000, 4000] },
      times: 1,
      between: [0.55, 0.75],
    },
    {
      fault: "clock",
      options: { of: "worker", offsetsMs: [-172_800_000, 172_800_000], how: "jump", lastsMs: [3000, 5000] },
      times: 2,
      between: [0.1, 0.75],
    },
  ],
  exercises: [
    "no-acked-loss",
    "at-least-once",
    "one-verdict",
    "retry-not-early",
    "delayed-not-early",
    "no-premature-reclaim",
    "drained",
  ],
} as const satisfies Scenario;
