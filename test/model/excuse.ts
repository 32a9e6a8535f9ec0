/**
 * What the model itself knows of a repeat: whether the one who had the job, or the one who takes it, was silent for so
 * long that it may have come about rightly. It is generous: it says only what can be left unseen, not what must be.
 */
import type { Silence } from "./process.ts";
import type { Model } from "./run.ts";
import type { Worker } from "./worker.ts";

export interface Start {
  readonly worker: Worker;
  readonly atMs: number;
}

/** Between a silence and what is on record of it: a fault is armed before it holds, and proven over after that. */
export const slopMs = 800;

/** @param fromMs silences that began then, or later, do not count: they are what the bug is about */
export function excusable(model: Model, earlier: Start, later: Start, fromMs = Number.POSITIVE_INFINITY): boolean {
  const { bounds } = model.world;
  if (bounds.handsBackOnDisconnect) return true;
  const { giveAwayMs, readAheadMs, reconnectMs } = bounds;
  const lostIt = silencesOf(earlier.worker).some(
    ({ fromMs: begins, toMs }) =>
      begins < fromMs &&
      begins <= later.atMs &&
      toMs + slopMs + reconnectMs >= earlier.atMs - readAheadMs &&
      Math.min(toMs, later.atMs) - begins + reconnectMs + slopMs >= giveAwayMs,
  );
  return lostIt || mayHaveHadItFirst(model, earlier, later);
}

/** Whoever takes it had lost it to the other one before, and did not know. */
export function mayHaveHadItFirst({ world: { bounds } }: Model, earlier: Start, later: Start): boolean {
  const { giveAwayMs, reconnectMs, handsBackOnDisconnect } = bounds;
  return (
    earlier.worker !== later.worker &&
    silencesOf(later.worker).some(
      ({ fromMs: begins, toMs }) =>
        earlier.atMs >= begins + (handsBackOnDisconnect ? 0 : giveAwayMs) - slopMs &&
        later.atMs <= toMs + reconnectMs + 1000 + slopMs,
    )
  );
}

/** Who is new, and has no connection yet, is as silent as he will be when he loses it. */
const silencesOf = ({ process }: Worker): readonly Silence[] => [
  { fromMs: Number.NEGATIVE_INFINITY, toMs: process.firstHeardMs() },
  ...process.silences(),
];
