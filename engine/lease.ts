/**
 * How an incarnation knows that it is alive in the eyes of the others. Nothing starts unless a beat that was sent less
 * than half a lease ago has been answered; whoever was stopped, stalled or cut off for longer asks first.
 */
import { nowMs, repeat, sleeper } from "./clock.ts";
import type { Steps } from "./steps.ts";

export interface Lease {
  /** Whether what is in hand may be started now. Asks for a beat where it may not. */
  holds(): boolean;
  /** A beat as soon as possible. */
  beatNow(): void;
}

const beatsPerLease = 5;
const beatMsMax = 1000;

/**
 * Beats until `stop`.
 * @param joinedAt when the joining, which counts as the first beat, was sent
 */
export function holdLease(
  {
    steps,
    consumer,
    leaseMs,
    joinedAt,
    stop,
  }: {
    readonly steps: Pick<Steps, "beat">;
    readonly consumer: string;
    readonly leaseMs: number;
    readonly joinedAt: number;
    readonly stop: AbortSignal;
  },
  on: { readonly confirmed: () => void; readonly lost: () => void; readonly failed: (error: unknown) => void },
): Lease {
  const bed = sleeper();
  const beatMs = Math.min(leaseMs / beatsPerLease, beatMsMax);
  let confirmedAt = joinedAt;

  const beat = async (): Promise<number> => {
    const sentAt = nowMs();
    const alive = await steps.beat(consumer);
    if (alive === false) on.lost();
    if (alive !== true) return beatMs / 4;
    // Not when it was sent: the answer may have been so long under way that starts were refused meanwhile, and nobody asks again.
    const heldBefore = nowMs() - confirmedAt < leaseMs / 2;
    confirmedAt = sentAt;
    if (!heldBefore) on.confirmed();
    return beatMs;
  };
  void repeat(beat, { stop, bed, failed: on.failed });

  return {
    holds() {
      if (nowMs() - confirmedAt < leaseMs / 2) return true;
      bed.wake();
      return false;
    },
    beatNow: bed.wake,
  };
}
