/**
 * A system's own terms of time: from when what a silent process holds may be given to others, and by when it has to
 * have gone on. What excuses a repeat and what makes a recovery late is measured against these, and against nothing
 * else.
 */
import { z } from "zod";

const ms = z.number().nonnegative();

export const boundsSchema = z.strictObject({
  recoveryMs: ms.describe("from the loss of its holder to a job's next start, at most"),
  againMs: ms.describe(
    "the same for a job that an earlier holder had lost already; left out: no longer than the first time",
  ),
  retryMs: ms.describe("how much longer than its backoff a retry may wait until somebody looks for it"),
  startMs: ms
    .default(15_000)
    .describe(
      "how long a job that is due may wait while a hand is free: what the queue takes to look for it, to hand it out, and to keep others from it for a while; left out: `recoveryMs`, or 15 s where that is shorter",
    ),
  leaseMs: ms.describe(
    "for how long its holder has to have been silent, in the eyes of somebody who watches, before a job is surely given away: lease, lock, visibility timeout; left out: 0",
  ),
  giveAwayMs: ms.describe(
    "the soonest after its holder's last sign of life that a job may be given away: the lease less the time between two renewals, or less the longest run where nothing renews it; left out: 0, which excuses the most",
  ),
  reconnectMs: ms.describe("by then a client whose connection broke is back; left out: `recoveryMs`"),
  readAheadMs: ms.describe("a process may have received a job this long before it starts it; left out: 1 s"),
  settleMs: ms.describe("so soon after the end of its handler a process in touch has settled a job; left out: 0.5 s"),
  watchedBy: z
    .enum(["workers", "store"])
    .describe(
      "who finds out that a holder is gone: other workers, of whom one has to be in touch, or the store; left out: workers",
    ),
  deduplicationMs: ms
    .exactOptional()
    .describe(
      "for how long after it was written a job's key keeps a second one under it from being written; left out: it takes no keys",
    ),
  handsBackOnDisconnect: z
    .boolean()
    .describe("whether the end of its connection gives a process's jobs back at once; left out: it does not"),
});
export type Bounds = Readonly<z.infer<typeof boundsSchema>>;

/** What a system has to say of itself at the least: how long recovery takes, and a retry beyond its backoff. */
export type BoundsSaid = Pick<Bounds, "recoveryMs" | "retryMs"> & Partial<Bounds>;

export const boundsOf = (said: BoundsSaid): Bounds => ({
  againMs: said.recoveryMs,
  // Others look for work every few seconds, and do nothing wrong.
  startMs: Math.max(said.recoveryMs, 15_000),
  leaseMs: 0,
  giveAwayMs: 0,
  reconnectMs: said.recoveryMs,
  readAheadMs: 1000,
  settleMs: 500,
  watchedBy: "workers",
  handsBackOnDisconnect: false,
  ...said,
});
