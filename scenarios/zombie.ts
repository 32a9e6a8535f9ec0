/** The owner that comes back from the dead. */
import type { Scenario } from "./contract.ts";

export const zombie = {
  about:
    "Workers stand still for longer than their lease, as in a long garbage collection or on a frozen virtual machine; others take their jobs over, and then the first ones go on as if nothing had been. Whoever settles by then a job that is no longer his breaks it for those who have it.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    // Two workers carry 80 a second: while the others stand still, what is taken over has room at once.
    jobs: 2_400,
    seconds: 40,
    producers: 1,
    workers: 4,
    concurrency: 50,
    payloadBytes: 200,
    work: {
      durationMs: [0, 2_500],
      failing: 0.02,
      alwaysFailing: 0.002,
      killing: 0,
      delayed: { share: 0.02, upToMs: 3_000 },
    },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [{ fault: "worker-pause", options: { lastsMs: [6500, 9000] }, times: 6, between: [0.08, 0.75] }],
  exercises: [
    "no-acked-loss",
    "no-phantom",
    "at-least-once",
    "one-verdict",
    "duplicates-explained",
    "no-premature-reclaim",
    "fenced",
    "recovery-bound",
    "attempts-exact",
    "drained",
  ],
} as const satisfies Scenario;
