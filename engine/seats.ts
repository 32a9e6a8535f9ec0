/**
 * The handlers of a worker, which all parts of its job type share: who starts the next job, and who may read how many ahead. By
 * the weights of their priorities, so that none starves; and who can do nothing, since its broker is away, keeps nobody from it.
 */
import { after, nowMs } from "./clock.ts";
import { thisProcess } from "./company.ts";
import type { Runner } from "./runner.ts";
import { turnsOf } from "./turns.ts";

/** A part, as one incarnation of the worker has it. */
export interface Member {
  readonly weight: number;
  /** In hand, and not started. */
  readonly waiting: number;
  /** Of these, what others left behind: it is started first. */
  readonly reclaimed: number;
  /** In hand in all. */
  readonly size: number;
  /** It has work of the dead to take over, or does not know yet whether it has: that goes before all else. */
  readonly isUrgent: boolean;
  mayStart(): boolean;
  /** Starts the first that waits. */
  start(): void;
  /** Looks again whether there is a seat. */
  wake(): void;
}

export interface Seat {
  /** Others take from the same seats. */
  readonly isShared: boolean;
  /** Handlers that may start something now, and for which nothing waits that others left behind. */
  readonly free: number;
  /** How many jobs may be read now. They are this one's until it gives back what is left; where it is none, it is woken when there are. */
  take(): number;
  /** The read is over: so many are in hand now. */
  giveBack(found: number): void;
  /** Wants none for now: the others need not leave it its share. */
  rest(): void;
  leave(): void;
}

export interface Seats {
  join(member: Member): Seat;
  /** Some have work of the dead to take over. */
  isUrgent(): boolean;
  /** Starts what may be started. To be called whenever that may have become more. */
  pump(): void;
}

export const readMax = 250;
/** Read ahead what is worked off within this time, */
const aheadMs = 50;
/** but no more than this. */
const aheadMax = 1000;
const lookMs = 20;
/** Jobs that run or wait for their settlement's answer, per handler; more means that the broker does not keep up. */
const unsettledPerHandler = 4;
/** Whose read is not answered by then has lost its seats to the others. */
const readMs = 500;

export function seatsOf(runner: Runner, concurrency: number, isShared: boolean): Seats {
  const members = new Set<Member>();
  const starts = turnsOf<Member>(({ weight }) => weight);
  const reads = turnsOf<Member>(({ weight }) => weight);
  /** Who would read if it might, as far as is known: it asked, and has not come back with empty hands. */
  const wanting = new Set<Member>();
  const given = new Map<Member, number>();
  const unsettledMax = unsettledPerHandler * concurrency + aheadMax;
  let ahead = 0;
  let startedSinceLook = 0;
  let lookedAt = nowMs();

  function pump(): void {
    while (thisProcess.isOpen() && runner.free > 0) {
      const next = starts.next(startable());
      if (next === undefined) break;
      startedSinceLook++;
      next.start();
    }
    if (isUrgent() || waiting() <= ahead / 2) wakeAll();
  }

  /** A hand that is free belongs to what the dead held, also to what has still to be taken from them, and not to what was read meanwhile. */
  function startable(): readonly Member[] {
    const able = [...members].filter((member) => member.waiting > 0 && member.mayStart());
    const reclaimed = able.filter((member) => member.reclaimed > 0);
    return reclaimed.length > 0 || isUrgent() ? reclaimed : able;
  }

  function wakeAll(): void {
    for (const member of members) member.wake();
  }

  function waiting(): number {
    let all = 0;
    for (const member of members) if (member.waiting > 0 && (!isShared || member.mayStart())) all += member.waiting;
    return all;
  }

  function reclaimed(): number {
    let all = 0;
    for (const member of members) if (!isShared || member.mayStart()) all += member.reclaimed;
    return all;
  }

  const isUrgent = (but?: Member): boolean => {
    for (const member of members) if (member !== but && member.isUrgent && member.mayStart()) return true;
    return false;
  };

  function room(): number {
    const now = nowMs();
    if (now - lookedAt > lookMs) {
      const rate = startedSinceLook / (now - lookedAt);
      // Of slow jobs none, also where many begin at once: they would wait for these, and another may be idle.
      const workedOff = Math.floor((concurrency * aheadMs) / runner.runMs);
      ahead = Math.min(Math.floor((ahead + rate * aheadMs) / 2), workedOff, aheadMax);
      startedSinceLook = 0;
      lookedAt = now;
    }
    const inHand = waiting();
    let unsettled = 0;
    for (const { size } of members) unsettled += size;
    if (inHand > ahead / 2 || unsettled > unsettledMax) return 0;
    let promised = 0;
    for (const count of given.values()) promised += count;
    return runner.free + ahead - inHand - promised;
  }

  return {
    pump,
    isUrgent: () => isUrgent(),
    join(member) {
      members.add(member);
      let forget = (): void => {};
      const rest = (): void => {
        forget();
        wanting.delete(member);
        if (given.delete(member)) wakeAll();
      };
      return {
        isShared,
        get free() {
          return thisProcess.isOpen() ? runner.free - reclaimed() : 0;
        },
        take() {
          wanting.add(member);
          // Behind a closed door it would only wait, where another process may have a hand free.
          const count = !thisProcess.isOpen() || isUrgent(member) ? 0 : Math.min(room(), readMax);
          if (count <= 0) return 0;
          const others = [...wanting].filter((one) => one !== member && one.mayStart());
          const share = reads.share(member, [member, ...others], count);
          if (share > 0 && isShared) {
            given.set(member, share);
            forget = after(readMs, rest);
          }
          return share;
        },
        giveBack(found) {
          if (found === 0) return rest();
          forget();
          if (given.delete(member)) wakeAll();
        },
        rest,
        leave() {
          members.delete(member);
          rest();
        },
      };
    },
  };
}
