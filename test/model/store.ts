/**
 * The store of the model queue: the jobs that it keeps, its clock, and what it forgets when it crashes. It knows no
 * rules.
 */
import type { Simulation } from "./simulation.ts";

/**
 * `lost`: taken from a holder that was given up. `withheld`: still said to be in somebody's hands, `left`: in nobody's;
 * to neither does anybody ever come. `gone`: not there any more.
 */
export type State = "waiting" | "delayed" | "held" | "lost" | "withheld" | "left" | "done" | "dead" | "gone";

export interface Entry {
  readonly job: number;
  /** A copy of a job that is settled, or has another entry: what becomes of its runs is nobody's business. */
  readonly ghost: boolean;
  readonly priority: number;
  readonly state: State;
  /** The number of the attempt that it waits for, or that is under way. */
  readonly attempt: number;
  /** The incarnation that holds it, and the how-manieth delivery this is: what a settlement has to show. */
  readonly holder: number;
  readonly delivery: number;
  /** Its run has begun in this delivery. */
  readonly begun: boolean;
  /**
   * Since when it has been without a run though one had begun; undefined where none was lost since its last failure.
   */
  readonly lostAtMs: number | undefined;
  /** So many of its runs took their worker along. */
  readonly kills: number;
  /** By the store's clock. */
  readonly dueMs: number;
  /** Dead letters, and the fields that these lack, as bits. */
  readonly letters: number;
  readonly lacks: number;
}

export const newEntry = (job: number, priority: number): Entry => ({
  job,
  ghost: false,
  priority,
  state: "waiting",
  attempt: 1,
  holder: 0,
  delivery: 0,
  begun: false,
  lostAtMs: undefined,
  kills: 0,
  dueMs: 0,
  letters: 0,
  lacks: 0,
});

export interface Store {
  readonly entries: readonly Entry[];
  isUp(): boolean;
  clockMs(): number;
  find(job: number): Entry | undefined;
  add(entry: Entry): Entry;
  change(entry: Entry, to: Partial<Entry>): void;
  /** What was lost in a run, in the order in which it was; then what was lost before. */
  lost(): readonly Entry[];
  waiting(): readonly Entry[];
  heldBy(holder: number): readonly Entry[];
  /** Waiting, held and delayed. */
  depth(): number;
  bend(aheadMs: number): void;
  goDown(): void;
  /** @param forgetsMs all that it carried out within that long before it went down is as if it had never been */
  comeUp(forgetsMs: number): void;
}

export interface StoreListener {
  /** There may be something to be had. */
  changed(): void;
  /** The store is there, and the time of a delayed entry has come by its clock. */
  due(entry: Entry): void;
  /** How long after that somebody looks. */
  lateMs(): number;
}

const isOpen: ReadonlySet<State> = new Set(["waiting", "delayed", "held", "lost", "withheld", "left"]);

// long: one store: each of its steps keeps the same counts and the same log
export function storeOf(simulation: Simulation, listener: StoreListener): Store {
  const entries: Entry[] = [];
  const log: { readonly atMs: number; readonly entry: Entry; readonly was: Entry | undefined }[] = [];
  let waiting: Entry[] = [];
  let taken = 0;
  let lost = 0;
  const byJob = new Map<number, Entry>();
  let up = true;
  let aheadMs = 0;
  let downAtMs = 0;
  const clockMs = (): number => simulation.now() + aheadMs;

  const lookWhenDue = (entry: Entry): void => {
    const { dueMs } = entry;
    simulation.after(dueMs - clockMs() + listener.lateMs(), () => {
      if (up && entry.state === "delayed" && entry.dueMs === dueMs && clockMs() >= dueMs) listener.due(entry);
    });
  };
  const lookAgain = (): void => entries.forEach((entry) => entry.state === "delayed" && lookWhenDue(entry));
  const noted = (entry: Entry): void => {
    if (entry.state === "waiting") waiting.push(entry);
    if (entry.state === "lost") lost++;
    if (entry.state === "delayed") lookWhenDue(entry);
    listener.changed();
  };

  return {
    entries,
    isUp: () => up,
    clockMs,
    find: (job) => byJob.get(job),
    add(entry) {
      const added = { ...entry };
      entries.push(added);
      if (!added.ghost && !byJob.has(added.job)) byJob.set(added.job, added);
      log.push({ atMs: simulation.now(), entry: added, was: undefined });
      noted(added);
      return added;
    },
    change(entry, to) {
      log.push({ atMs: simulation.now(), entry, was: { ...entry } });
      if (entry.state === "waiting") taken++;
      if (entry.state === "lost" && to.state !== undefined) lost--;
      Object.assign(entry, to);
      if (to.state !== undefined) noted(entry);
    },
    lost: () =>
      lost === 0 ? [] : entries.filter(({ state }) => state === "lost").sort((a, b) => lostAt(a) - lostAt(b)),
    waiting() {
      if (taken > 0) waiting = waiting.filter(isWaiting);
      taken = 0;
      return waiting;
    },
    heldBy: (holder) => entries.filter((entry) => entry.state === "held" && entry.holder === holder),
    depth: () => entries.reduce((sum, { state, ghost }) => sum + (isOpen.has(state) && !ghost ? 1 : 0), 0),
    bend(ms) {
      aheadMs = ms;
      lookAgain();
    },
    goDown() {
      up = false;
      downAtMs = simulation.now();
    },
    comeUp(forgetsMs) {
      up = true;
      for (let last = log.at(-1); last !== undefined && last.atMs > downAtMs - forgetsMs; last = log.at(-1)) {
        log.pop();
        if (last.was === undefined) {
          entries.splice(entries.indexOf(last.entry), 1);
          if (byJob.get(last.entry.job) === last.entry) byJob.delete(last.entry.job);
        } else Object.assign(last.entry, last.was);
      }
      waiting = entries.filter(isWaiting);
      lost = entries.filter(({ state }) => state === "lost").length;
      lookAgain();
      listener.changed();
    },
  };
}

const isWaiting = ({ state }: Entry): boolean => state === "waiting";
const lostAt = ({ lostAtMs }: Entry): number => lostAtMs ?? Number.POSITIVE_INFINITY;
