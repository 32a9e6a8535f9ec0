/**
 * What the model itself knows of a repeat: whether the one who had the job, or the one who takes it, was silent for so long
 * that it may have come about rightly. It is generous: it says only what can be left unseen, not what must be.
 */
import type { Model } from "./run.ts";
import type { Worker } from "./worker.ts";

interface Start {
  readonly worker: Worker;
  readonly atMs: number;
}

/** Between a silence and what is on record of it: a fault is armed before it holds, and proven over after that. */
const slopMs = 800;

/** @param fromMs silences that began then, or later, do not count: they are what the bug is about */
export function excusable(model: Model, earlier: Start, later: Start, fromMs = Number.POSITIVE_INFINITY): boolean {
  const { bounds } = model.world;
  if (bounds.handsBackOnDisconnect) return true;
  const { giveAwayMs, readAheadMs, reconnectMs } = bounds;
  const lostIt = earlier.worker.process
    .silences()
    .some(
      ({ fromMs: begins, toMs }) =>
        begins < fromMs &&
        begins <= later.atMs &&
        toMs + slopMs + reconnectMs >= earlier.atMs - readAheadMs &&
        Math.min(toMs, later.atMs) - begins + reconnectMs + slopMs >= giveAwayMs,
    );
  const hadItFirst =
    earlier.worker !== later.worker &&
    later.worker.process
      .silences()
      .some(
        ({ fromMs: begins, toMs }) =>
          earlier.atMs >= begins + giveAwayMs - slopMs && later.atMs <= toMs + reconnectMs + 1000 + slopMs,
      );
  return lostIt || hadItFirst;
}
