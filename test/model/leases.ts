/** Who is silent for a lease, in the eyes of somebody who watches, loses what he holds: no sooner, and soon after. */
import type { Dice } from "./dice.ts";
import type { Process } from "./process.ts";
import type { Simulation } from "./simulation.ts";
import type { Steps } from "./steps.ts";
import type { Store } from "./store.ts";
import type { Terms } from "./world.ts";
import type { Worker } from "./worker.ts";

export interface Leases {
  /** The store hears no more from this one. */
  silent(process: Process): void;
  /** This one begins to watch. */
  watches(worker: Worker): void;
  disconnected(process: Process): void;
  storeIsBack(): void;
}

export interface LeaseTools {
  readonly terms: Terms;
  readonly simulation: Simulation;
  readonly dice: Dice;
  readonly store: Store;
  readonly steps: Steps;
  readonly workers: () => readonly Worker[];
}

export function leasesOf({ terms, simulation, dice, store, steps, workers }: LeaseTools): Leases {
  const { leaseMs, sweepMs } = terms;
  const silent = new Set<Process>();
  const giveUp = (process: Process): void => {
    for (const entry of store.heldBy(process.incarnation)) steps.lose(entry);
    if (!process.isAlive()) silent.delete(process);
  };
  const sweep = (): number => dice.within(0, sweepMs);

  /** What it holds now: it may have got something else by the time. */
  const takeBack = (holder: number): void => {
    const held = store.heldBy(holder).map((entry) => ({ entry, delivery: entry.delivery }));
    simulation.after(dice.within(0.1, 50), () => {
      for (const { entry, delivery } of held)
        if (store.isUp() && entry.state === "held" && entry.delivery === delivery) steps.lose(entry);
    });
  };

  const byStore = (process: Process): void => {
    const sign = process.lastSignMs();
    simulation.at(Math.max(simulation.now(), sign + leaseMs) + sweep(), () => {
      if (store.isUp() && !process.isHeard() && process.lastSignMs() === sign) giveUp(process);
    });
  };

  const byWorker = (watcher: Worker, process: Process): void => {
    const sign = process.lastSignMs();
    const touch = watcher.process.touchFromMs();
    const seen = Math.max(sign, touch) + sweep();
    simulation.at(Math.max(simulation.now(), seen + leaseMs) + sweep(), () => {
      const stillWatches = watcher.takes() && watcher.process.touchFromMs() === touch;
      if (stillWatches && !process.isHeard() && process.lastSignMs() === sign) giveUp(process);
    });
  };

  return {
    silent(process) {
      silent.add(process);
      if (terms.watchedBy === "store") byStore(process);
      else for (const worker of workers()) if (worker.takes() && worker.process !== process) byWorker(worker, process);
    },
    watches(worker) {
      silent.delete(worker.process);
      if (terms.watchedBy === "workers") for (const process of silent) byWorker(worker, process);
    },
    disconnected(process) {
      if (terms.handsBackOnDisconnect && store.isUp()) takeBack(process.incarnation);
    },
    storeIsBack() {
      if (terms.handsBackOnDisconnect)
        for (const holder of new Set(store.entries.map(({ holder }) => holder))) takeBack(holder);
      if (terms.watchedBy === "store") for (const process of silent) if (!process.isHeard()) byStore(process);
    },
  };
}
