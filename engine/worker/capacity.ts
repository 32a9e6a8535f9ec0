/**
 * The capacity of a worker, which all parts of its job type share: who starts the next job, and who may prefetch how
 * many. In weighted fair shares, so that none starves; and who can do nothing, since its broker is away, keeps nobody
 * from it.
 */
import type { Time } from "../std/clock.ts";
import { fairShareOf } from "./fair-share.ts";
import type { HandlerSlots } from "./handler-slots.ts";
import type { Host } from "./host.ts";
import { aheadMax, readAheadOf } from "./read-ahead.ts";
import type { Runner } from "./runner.ts";
import { sharersOf, type Sharer } from "./sharers.ts";

export interface CapacityShare {
  /** Others take from the same capacity. */
  readonly isShared: boolean;
  /** Slots in which something may start now, and for which nothing waits that others left behind. */
  readonly free: number;
  /**
   * How many jobs may be read now. They are this one's until it gives back what is left; where it is none, it is called
   * when there are.
   */
  take(): number;
  /** The read is over: so many came. */
  giveBack(found: number): void;
  /** Wants none for now: the others need not leave it its share. */
  rest(): void;
  leave(): void;
  /** Starts what may be started. */
  pump(): void;
  /** Calls back when there may be more to take. */
  onFree(listener: () => void): void;
}

export interface Capacity {
  join(one: Sharer): CapacityShare;
  /** Some have something to reclaim from the dead. */
  isUrgent(): boolean;
  /** Starts what may be started. To be called whenever that may have become more. */
  pump(): void;
}

export const readMax = 250;
/** Jobs that run or wait for their settlement's answer, per slot; more means that the broker does not keep up. */
const unsettledPerSlot = 4;
const unsettledMax = (slots: number): number => unsettledPerSlot * slots + aheadMax;
/** Whose read is not answered by then has lost what it took to the others. */
const readMs = 500;

export function capacityOf(
  slots: Pick<HandlerSlots, "size" | "free" | "onFree">,
  runner: Pick<Runner, "runMs">,
  isShared: boolean,
  { gate, time }: Pick<Host, "gate" | "time">,
): Capacity {
  const sharers = sharersOf(isShared);
  const starts = fairShareOf<Sharer>(({ weight }) => weight);
  const ahead = readAheadOf(slots.size, runner, time);
  const listeners = new Map<Sharer, () => void>();

  function pump(): void {
    while (gate.isOpen() && slots.free > 0) {
      const next = starts.next(sharers.startable());
      if (next === undefined) break;
      ahead.started();
      next.start();
    }
    if (sharers.isUrgent() || sharers.waiting() <= ahead.jobs / 2) callAll();
  }

  const callAll = (): void => listeners.forEach((listener) => listener());

  /** How many may be prefetched by that one, beside those that are promised. */
  function roomFor(one: Sharer, promised: number): number {
    // Behind a closed gate it would only wait, where another process may have a slot free.
    if (!gate.isOpen() || sharers.isUrgent(one)) return 0;
    const jobs = ahead.look();
    const waiting = sharers.waiting();
    if (waiting > jobs / 2 || sharers.inFlight() > unsettledMax(slots.size)) return 0;
    return Math.min(slots.free + jobs - waiting - promised, readMax);
  }

  const promises = promisesOf(isShared, time, roomFor, callAll);
  slots.onFree(pump);

  return {
    pump,
    isUrgent: () => sharers.isUrgent(),
    join(one) {
      sharers.add(one);
      return {
        isShared,
        get free() {
          return gate.isOpen() ? slots.free - sharers.reclaimed() : 0;
        },
        take: () => promises.take(one),
        giveBack: (found) => promises.giveBack(one, found),
        rest: () => promises.rest(one),
        leave() {
          sharers.delete(one);
          listeners.delete(one);
          promises.rest(one);
        },
        pump,
        onFree: (listener) => void listeners.set(one, listener),
      };
    },
  };
}

interface Promises {
  take(one: Sharer): number;
  giveBack(one: Sharer, found: number): void;
  rest(one: Sharer): void;
}

/**
 * What of the capacity is promised to reads that are under way, by the weights of those who want some.
 * @param roomFor how many one may have, beside all that is promised
 * @param freed is called when a promise is over
 */
function promisesOf(
  isShared: boolean,
  time: Time,
  roomFor: (one: Sharer, promised: number) => number,
  freed: () => void,
): Promises {
  const shares = fairShareOf<Sharer>(({ weight }) => weight);
  /** Who would read if it might, as far as is known: it asked, and has not come back without any. */
  const wanting = new Set<Sharer>();
  const promised = new Map<Sharer, number>();
  const ends = new Map<Sharer, () => void>();

  function end(one: Sharer): void {
    ends.get(one)?.();
    ends.delete(one);
  }
  function rest(one: Sharer): void {
    end(one);
    wanting.delete(one);
    if (promised.delete(one)) freed();
  }

  return {
    take(one) {
      wanting.add(one);
      let sum = 0;
      for (const count of promised.values()) sum += count;
      const count = roomFor(one, sum);
      if (count <= 0) return 0;
      const others = [...wanting].filter((other) => other !== one && other.mayStart());
      const share = shares.share(one, [one, ...others], count);
      if (share > 0 && isShared) {
        promised.set(one, share);
        ends.set(
          one,
          time.after(readMs, () => rest(one)),
        );
      }
      return share;
    },
    giveBack(one, found) {
      if (found === 0) return rest(one);
      end(one);
      if (promised.delete(one)) freed();
    },
    rest,
  };
}
