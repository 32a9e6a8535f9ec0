/**
 * One round: fresh processes for every configuration, then slices in which one configuration works and the others are
 * idle. Slices of one lap are neighbours in time, so whatever else the machine does falls on all of them alike.
 */
import type { Contender, Ground, Played, Slice } from "./contract.ts";
import { openSide, type Side } from "./side.ts";

export interface Round extends AsyncDisposable {
  /**
   * Everyone builds a backlog of so many jobs, all at the same time; then one after the other works it off, in that
   * order.
   */
  backlog(
    kind: "warm-up" | "backlog",
    lap: number,
    order: readonly string[],
    jobs: (key: string) => number,
  ): Promise<void>;
  /** One after the other is offered the same load for so long, in that order. */
  steady(
    kind: "warm-up" | "steady",
    lap: number,
    order: readonly string[],
    jobs: number,
    seconds: number,
  ): Promise<void>;
  slices(key: string): readonly Slice[];
  /**
   * Lets everyone finish what is left, and leave; scans what the store still holds. @param mishap why it ends before
   * its time, if it does
   */
  finish(mishap: string | undefined, stop: AbortSignal): Promise<readonly Played[]>;
}

/** @param number from 0 @throws MemberError when a process of a configuration does not come up */
export async function openRound(ground: Ground, contenders: readonly Contender[], number: number): Promise<Round> {
  await using scope = new AsyncDisposableStack();
  const opened = await Promise.allSettled(contenders.map((contender) => openSide(ground, contender, number, scope)));
  const sides = opened.map((one): Side => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
  const open = scope.move();
  const side = (key: string): Side => {
    const found = sides.find(({ contender }) => contender.key === key);
    if (found === undefined) throw new Error(`nobody is called ${key}`);
    return found;
  };
  return {
    async backlog(kind, lap, order, jobs) {
      await Promise.all(order.map((key) => side(key).fill(jobs(key))));
      for (const key of order) await side(key).workOff(kind, lap);
    },
    async steady(kind, lap, order, jobs, seconds) {
      for (const key of order) await side(key).carry(kind, lap, jobs, seconds);
    },
    slices: (key) => side(key).slices,
    finish: (mishap, stop) => Promise.all(sides.map((one) => one.finish(mishap, stop))),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
