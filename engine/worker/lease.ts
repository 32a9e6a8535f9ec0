/**
 * A lease that a heartbeat renews: how a consumer knows that it is alive in the eyes of the others. Nothing starts
 * unless a heartbeat that was sent less than half a lease ago has been answered; whoever was stopped, stalled or cut
 * off for longer asks first.
 */
import type { Steps } from "../redis/steps.ts";
import { repeat } from "../std/clock.ts";
import type { Runtime } from "./host.ts";

export interface Lease {
  /** Whether what is in flight may be started now. Asks for a heartbeat where it may not. */
  holds(): boolean;
  /** A heartbeat as soon as possible. */
  beatNow(): void;
}

const beatsPerLease = 5;
const beatMsMax = 1000;

/** Whose lease it is: the joining, when it was sent, counts as the first heartbeat. */
interface Leaseholder {
  readonly name: string;
  readonly joinedAt: number;
  readonly steps: Pick<Steps, "beat">;
}

/** Beats until `stop`. */
export function holdLease(
  { name, joinedAt, steps }: Leaseholder,
  leaseMs: number,
  stop: AbortSignal,
  on: { readonly confirmed: () => void; readonly lost: () => void },
  { time, failed }: Pick<Runtime, "time" | "failed">,
): Lease {
  const bed = time.sleeper();
  const beatMs = Math.min(leaseMs / beatsPerLease, beatMsMax);
  let confirmedAt = joinedAt;

  const beat = async (): Promise<number> => {
    const sentAt = time.nowMs();
    const alive = await steps.beat(name);
    if (alive === false) on.lost();
    if (alive !== true) return beatMs / 4;
    // Not when it was sent: the answer may have been so long under way that starts were refused meanwhile, and nobody
    // asks again.
    const heldBefore = time.nowMs() - confirmedAt < leaseMs / 2;
    confirmedAt = sentAt;
    if (!heldBefore) on.confirmed();
    return beatMs;
  };
  void repeat(beat, { stop, bed, failed });

  return {
    holds() {
      if (time.nowMs() - confirmedAt < leaseMs / 2) return true;
      bed.wake();
      return false;
    },
    beatNow: bed.wake,
  };
}
