/** Runs what a consumer has in flight, and has what becomes of each job settled. */
import type { PendingEntry } from "../redis/entry.ts";
import type { InFlight } from "./in-flight.ts";
import type { ConsumerLife } from "./life.ts";
import type { Runner, RunOwner } from "./runner.ts";
import type { Settler } from "./settler.ts";

export interface Runs {
  /** @param isReserved whether it runs in a slot that was reserved for it */
  start(held: PendingEntry, isReserved: boolean): void;
  /** It is not run any more, having ended its worker in so many lone runs. */
  poison(held: PendingEntry, killed: number): void;
  /** Entries whose handlers do not heed their signal. */
  readonly stuck: ReadonlySet<string>;
  /** Resolves when nothing is left to settle. */
  settled(): Promise<void>;
  /** Ends the resending of settlements: what is not answered by now is unknown. */
  giveUp(): void;
}

export function runsOf(
  runner: Runner,
  settler: Settler,
  inFlight: Pick<InFlight, "drop">,
  life: Pick<ConsumerLife, "running">,
  onStuck: (held: PendingEntry) => void,
): Runs {
  const stuck = new Set<string>();
  const owner: RunOwner = {
    signal: life.running,
    /** What gave way to the signal is nobody's any more: it is handed back with all else, or another has it already. */
    ended(held, settlement) {
      stuck.delete(held.entry);
      if (settlement === undefined) inFlight.drop(held.entry);
      else settler.add(settlement);
    },
    stuck(held) {
      stuck.add(held.entry);
      onStuck(held);
    },
  };
  return {
    start: (held, isReserved) => runner.run(held, isReserved, owner),
    poison: (held, killed) => settler.add(runner.poisoned(held, killed)),
    stuck,
    settled: settler.idle,
    giveUp: settler.giveUp,
  };
}
