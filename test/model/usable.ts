/**
 * How much of the time since a loss the queue could have used, as the model sees it: somebody had watched for a lease,
 * and then the store was there and a worker in touch with it had a hand free. Rather too little of it than too much.
 */
import type { Model } from "./run.ts";

const lookMs = 100;
/** The record counts in whole seconds, and a fault is proven over a moment after it is. */
const sureMs = 2000;

/** @returns asked for the ms until now */
export function usableSince({ fleet: { queue }, world, simulation }: Model, whileIt: () => boolean): () => number {
  const { leaseMs, watchedBy } = world.bounds;
  const bornMs = simulation.now();
  let unableAtMs = bornMs;
  let storelessAtMs = bornMs;
  let watched = false;
  let usedMs = 0;
  const look = (): void => {
    if (!whileIt()) return;
    const now = simulation.now();
    if (!queue.store.isUp()) storelessAtMs = now;
    const touching = queue.workers.filter((worker) => worker.takes());
    const watchedForMs =
      watchedBy === "store"
        ? now - storelessAtMs
        : Math.max(0, ...touching.map(({ process }) => now - Math.max(bornMs, process.touchFromMs())));
    watched ||= watchedForMs > leaseMs + sureMs;
    if (!queue.store.isUp() || !touching.some((worker) => worker.freeHands() > 0)) unableAtMs = now;
    if (watched && now - unableAtMs > sureMs) usedMs += lookMs;
    simulation.after(lookMs, look);
  };
  look();
  return () => usedMs + (watched ? leaseMs : 0);
}
