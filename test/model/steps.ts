/**
 * The rules of the model queue, each a step that a bug can put another one in the place of: who may settle what, how
 * long a retry waits, what becomes of a job whose holder was given up.
 */
import { killsItsWorker } from "../../history/record.ts";
import type { Dice } from "./dice.ts";
import { newEntry, type Entry, type Store } from "./store.ts";
import type { World } from "./world.ts";

export type SettledAs = "done" | "dead" | "retry" | "refused";

export interface Steps {
  /** Whether a producer sends what is due. */
  sends(job: number): boolean;
  /** How much longer than its way an enqueue takes. */
  enqueueMs(): number;
  /** An enqueue arrives; one that was sent again is known. */
  enqueue(job: number): void;
  /** What its sender hears. */
  answer(job: number): "ok" | "duplicate" | "refused";
  /** How long it may not be started: the delay that it was sent with, or the backoff of its next attempt. */
  waitMs(entry: Entry): number;
  /** Its time has come. */
  promote(entry: Entry): void;
  /** The weight of a priority, by which its jobs are drawn. */
  weight(priority: number): number;
  /** It is in these hands now. */
  hold(entry: Entry, holder: number): void;
  /** Whether a worker that is in touch asks for work. */
  serves(incarnation: number): boolean;
  /** Whether a worker that has it calls the handler. */
  runs(entry: Entry): boolean;
  /** What is made of a run that is over, if it is still that delivery's to say. */
  settle(entry: Entry, delivery: number, failed: boolean): SettledAs;
  isHolders(entry: Entry, delivery: number): boolean;
  complete(entry: Entry): void;
  /** It has failed, and has attempts left. */
  retry(entry: Entry): void;
  /** It has failed for the last time. */
  bury(entry: Entry): void;
  /** Its holder hands it back. */
  handBack(entry: Entry): void;
  /** Its holder was given up. */
  lose(entry: Entry): void;
  /** For how long it keeps what it has received and has no hand for. */
  keepsMs(incarnation: number): number;
  /** For how long a process that was asked to stop goes on. */
  graceMs(incarnation: number): number;
  /** How it goes when it is through, or its grace is over. */
  goes(incarnation: number): { readonly afterMs: number; readonly code: number };
  /** How many jobs there are to do, as the queue tells it. */
  depth(): number;
}

export function stepsOf(world: World, store: Store, dice: Dice, now: () => number): Steps {
  const { terms, attempts, backoffMs, jobs } = world;
  const delay = (entry: Entry): void =>
    store.change(entry, { state: "delayed", dueMs: store.clockMs() + steps.waitMs(entry) });
  const isKnown = knownIn(world, store);
  const steps: Steps = {
    sends: () => true,
    enqueueMs: () => 0,
    enqueue(job) {
      if (store.find(job) !== undefined || isKnown(job)) return;
      const { delayMs = 0, priority = 0 } = jobs[job] ?? {};
      const entry = store.add({ ...newEntry(job, priority), state: delayMs > 0 ? "withheld" : "waiting" });
      if (delayMs > 0) delay(entry);
    },
    answer: (job) => (store.find(job) === undefined && isKnown(job) ? "duplicate" : "ok"),
    waitMs({ job, attempt }) {
      if (attempt === 1) return jobs[job]?.delayMs ?? 0;
      return backoffMs * terms.backoffFactor ** (attempt - 2) * (1 + dice.within(0, terms.jitter));
    },
    promote: (entry) => store.change(entry, { state: "waiting" }),
    weight: (priority) => world.priorities[priority - 1]?.weight ?? 1,
    hold: (entry, holder) => store.change(entry, { state: "held", holder, delivery: entry.delivery + 1, begun: false }),
    serves: () => true,
    runs: () => true,
    settle(entry, delivery, failed) {
      if (!steps.isHolders(entry, delivery)) return "refused";
      if (!failed) {
        steps.complete(entry);
        return "done";
      }
      if (entry.attempt < attempts) {
        steps.retry(entry);
        return "retry";
      }
      steps.bury(entry);
      return "dead";
    },
    isHolders: (entry, delivery) => entry.state === "held" && entry.delivery === delivery && !entry.ghost,
    complete: (entry) => store.change(entry, { state: "done" }),
    retry(entry) {
      store.change(entry, { attempt: entry.attempt + 1, lostAtMs: undefined });
      delay(entry);
    },
    bury: (entry) => store.change(entry, { state: "dead", letters: entry.letters + 1 }),
    handBack: (entry) => store.change(entry, { state: entry.lostAtMs === undefined ? "waiting" : "lost" }),
    lose(entry) {
      // A copy is gone with its process: the store never knew of it.
      if (entry.ghost) return store.change(entry, { state: "gone" });
      store.change(entry, { kills: entry.kills + (entry.begun ? 1 : 0) });
      if (jobs[entry.job]?.failures === killsItsWorker && entry.kills >= terms.poisonAfter) steps.bury(entry);
      else store.change(entry, { state: "lost", lostAtMs: entry.lostAtMs ?? (entry.begun ? now() : undefined) });
    },
    keepsMs: () => terms.readAheadMs,
    graceMs: () => terms.graceMs,
    goes: () => ({ afterMs: 0, code: 0 }),
    depth: store.depth,
  };
  return steps;
}

/** Whether another one under a job's key is there, or was. */
function knownIn({ jobs }: World, store: Store): (job: number) => boolean {
  const keyOf = (job: number): number => jobs[job]?.repeats ?? job;
  return (job) => store.entries.some((entry) => entry.job !== job && !entry.ghost && keyOf(entry.job) === keyOf(job));
}
