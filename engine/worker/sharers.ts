/** The parts that share a worker's capacity, and what they have waiting between them. */

/** A part, as one consumer has it. */
export interface Sharer {
  readonly weight: number;
  /** In flight, and not started. */
  readonly waiting: number;
  /** Of these, what others left behind: it is started first. */
  readonly reclaimed: number;
  /** In flight in all. */
  readonly size: number;
  /**
   * The dead have pending entries for it to reclaim, or it does not know yet whether they have: that goes before all
   * else.
   */
  readonly isUrgent: boolean;
  mayStart(): boolean;
  /** Starts the first that waits. */
  start(): void;
}

export interface Sharers {
  add(one: Sharer): void;
  delete(one: Sharer): void;
  /** In flight and not started, of those that may start something. */
  waiting(): number;
  /** Of these, what others left behind. */
  reclaimed(): number;
  /** In flight in all. */
  inFlight(): number;
  /** Some (but that one) have something to reclaim from the dead. */
  isUrgent(but?: Sharer): boolean;
  /** Those of which one may start now: what the dead held goes first, also what has still to be taken from them. */
  startable(): readonly Sharer[];
}

/** @param isShared where there is one alone, it is counted whether it may start something or not */
export function sharersOf(isShared: boolean): Sharers {
  const all = new Set<Sharer>();
  const isUrgent = (but?: Sharer): boolean => {
    for (const one of all) if (one !== but && one.isUrgent && one.mayStart()) return true;
    return false;
  };
  return {
    add: (one) => void all.add(one),
    delete: (one) => void all.delete(one),
    waiting() {
      let sum = 0;
      for (const one of all) if (one.waiting > 0 && (!isShared || one.mayStart())) sum += one.waiting;
      return sum;
    },
    reclaimed() {
      let sum = 0;
      for (const one of all) if (!isShared || one.mayStart()) sum += one.reclaimed;
      return sum;
    },
    inFlight() {
      let sum = 0;
      for (const { size } of all) sum += size;
      return sum;
    },
    isUrgent,
    startable() {
      const able = [...all].filter((one) => one.waiting > 0 && one.mayStart());
      const reclaimed = able.filter((one) => one.reclaimed > 0);
      return reclaimed.length > 0 || isUrgent() ? reclaimed : able;
    },
  };
}
