/**
 * Prefetches for a consumer, no more than it can work off soon: what is read and not started waits for a lease when the
 * worker dies; nor more bytes than it bears.
 */
import { blockMs } from "../redis/steps.ts";
import type { CapacityShare } from "./capacity.ts";
import type { DeadClaims } from "./claims.ts";
import type { Runtime } from "./host.ts";
import type { InFlight } from "./in-flight.ts";
import type { ConsumerLife } from "./life.ts";
import type { Reads } from "./reads.ts";

interface Prefetching {
  readonly reads: Reads;
  readonly claims: DeadClaims;
  readonly share: CapacityShare;
  readonly inFlight: Pick<InFlight, "room" | "onDrop">;
  readonly life: Pick<ConsumerLife, "taking" | "holds">;
  readonly runtime: Pick<Runtime, "time" | "failed">;
}

/** Resolves after nothing new is to be taken, when no read is under way any more. */
export async function prefetch({ reads, claims, share, inFlight, life, runtime }: Prefetching): Promise<void> {
  const { time, failed } = runtime;
  const bed = time.sleeper();
  let asleep = false;
  let isFull = false;

  const pauseFor = async (ms: number): Promise<void> => {
    asleep = true;
    await bed.sleep(ms);
    asleep = false;
  };

  /** For something else than a share. */
  const restFor = (ms: number): Promise<void> => {
    share.rest();
    return pauseFor(ms);
  };

  async function step(): Promise<void> {
    if (!life.holds()) return restFor(50);
    if (reads.isSuspicious() && !(await reads.recover())) return restFor(100);
    if (reads.isAuditDue()) await reads.audit();
    if (!claims.hasLooked()) return restFor(50);
    if (claims.hasWork()) {
      await claims.claim();
      if (claims.hasWork()) return restFor(50);
    }
    if (!reads.isReady()) return restFor(50);
    const room = inFlight.room();
    if (room === 0) {
      isFull = true;
      return restFor(100);
    }
    const count = life.taking.aborted ? 0 : Math.min(share.take(), room);
    if (count === 0) return pauseFor(100);
    const found = await reads.read(count, share.isShared ? 0 : blockMs);
    share.giveBack(found);
    // Nobody else's shares are kept while nothing is there to read; the first job that comes may find them taken, and
    // is the next.
    if (found === 0 && !reads.isSuspicious() && share.isShared && !life.taking.aborted) await reads.read(1, blockMs);
  }

  const unsubscribe = reads.onReconnect(bed.wake);
  share.onFree(() => {
    if (asleep) bed.wake();
  });
  inFlight.onDrop(() => {
    if (!isFull) return;
    isFull = false;
    bed.wake();
  });
  life.taking.addEventListener("abort", bed.wake, { once: true });
  while (!life.taking.aborted) {
    await step().catch((error: unknown) => {
      failed(error);
      return pauseFor(blockMs / 2);
    });
  }
  unsubscribe();
}
