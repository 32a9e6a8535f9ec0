/**
 * One round: fresh processes for every configuration, then slices in which one configuration works and the others are
 * idle. Slices of one lap are neighbours in time, so whatever else the machine does falls on all of them alike.
 */
import type { Catalogues } from "../../harness/catalogues.ts";
import type { Environment } from "../../harness/environment/provide.ts";
import type { Paths } from "../../harness/links.ts";
import type { Plan } from "../../harness/plan.ts";
import type { RunDirectory } from "../../harness/run-directory.ts";
import type { Journal } from "../../history/journal-file.ts";
import type { Clock } from "../../std/clock.ts";
import type { Turns } from "./messages.ts";
import { openSide, type Side } from "./side.ts";
import type { Store } from "./store.ts";

/** A configuration that takes part. */
export interface Contender {
  /** Unique, also a name of files. */
  readonly key: string;
  /** Its `jobs` are an upper bound: how many there will be is only known afterwards. */
  readonly plan: Plan;
}

/** Where the processes of a round are started, and what they work on. */
export interface Ground {
  readonly catalogues: Pick<Catalogues, "systems">;
  readonly configuration: string;
  /** Client libraries are resolved from here. */
  readonly directory: string;
  readonly environment: Environment;
  readonly paths: Paths;
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string | null;
  /** Of the comparison: by it everything is ended after a crash. */
  readonly journal: Journal;
  readonly clock: Clock;
  readonly store: Store;
  /** Holds a directory for each round of each configuration. */
  readonly rounds: string;
  readonly namespace: string;
}

/** Jobs `from` to `to - 1` of the round, worked off by one configuration while the others were idle. */
export interface Slice {
  readonly kind: "warm-up" | "backlog" | "steady";
  readonly lap: number;
  readonly from: number;
  readonly to: number;
  readonly turns: Turns;
  /** As the driver saw it: for finding the size of further slices, no figure. */
  readonly seconds: number;
}

/** One configuration's part of a round once it is over: all else is in its directory. */
export interface Played {
  readonly key: string;
  readonly directory: RunDirectory;
  readonly slices: readonly Slice[];
}

export interface Round extends AsyncDisposable {
  /** Everyone builds a backlog of so many jobs, all at the same time; then one after the other works it off, in that order. */
  backlog(kind: "warm-up" | "backlog", lap: number, order: readonly string[], jobs: number): Promise<void>;
  /** One after the other is offered the same load for so long, in that order. */
  steady(
    kind: "warm-up" | "steady",
    lap: number,
    order: readonly string[],
    jobs: number,
    seconds: number,
  ): Promise<void>;
  slices(key: string): readonly Slice[];
  /** Lets everyone finish what is left, and leave; scans what the store still holds. @param mishap why it ends before its time, if it does */
  finish(mishap: string | undefined, stop: AbortSignal): Promise<readonly Played[]>;
}

/** @param number from 0 @throws TeamError when a process of a configuration does not come up */
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
      await Promise.all(order.map((key) => side(key).fill(jobs)));
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
