/**
 * A worker of the model: receives jobs ahead, runs them, settles them, and goes on with what it has while it does not
 * know that it has lost it.
 */
import { killsItsWorker, settledAs } from "../../history/record.ts";
import type { Dice } from "./dice.ts";
import type { Process } from "./process.ts";
import type { Store, Entry } from "./store.ts";
import type { SettledAs, Steps } from "./steps.ts";
import type { World } from "./world.ts";

/** A delivery in a worker's hands. */
export interface Held {
  readonly entry: Entry;
  readonly delivery: number;
  readonly attempt: number;
}

/** What it has to say of a run that is over, and the connection over which it said so last. */
interface Word {
  readonly held: Held;
  readonly failed: boolean;
  askedOver: number | undefined;
}

export interface Worker {
  readonly process: Process;
  /** It takes work: it is in touch, and nobody asked it to stop. */
  takes(): boolean;
  freeHands(): number;
  freeSeats(): number;
  isAt(job: number): boolean;
  /** It has nothing in hand, and nothing to say of anything. */
  isThrough(): boolean;
  /** What it is at. */
  runs(): readonly Held[];
  /** Into its hands, to be run at once. */
  run(entry: Entry): void;
  /** To be run when there is a hand free for it. */
  receive(entry: Entry): void;
  /** Runs what it has received, as far as it has hands free. */
  goOn(): void;
  /** It knows again what it still has. */
  confirm(): void;
  askToStop(): void;
}

export interface WorkerTools {
  readonly world: World;
  readonly store: Store;
  readonly steps: Steps;
  readonly dice: Dice;
  readonly listener: WorkerListener;
}

export interface WorkerListener {
  /** It can take more. */
  free(): void;
  started(worker: Worker, held: Held): void;
  /** A run is over, failed or not. */
  over(worker: Worker, held: Held, failed: boolean): void;
  /** Its word was answered. */
  settled(worker: Worker, held: Held, as: SettledAs): void;
  /** A handler takes its process along. */
  dies(worker: Worker): void;
  /** It ends in good order, because it was asked to. */
  leaves(worker: Worker, code: number): void;
}

// long: one worker: a job goes from step to step over the same three lists
export function workerOf(process: Process, { world, store, steps, dice, listener }: WorkerTools): Worker {
  const { terms, jobs, tellsSettlements, concurrency } = world;
  const running: Held[] = [];
  const received: { readonly held: Held; readonly atMs: number }[] = [];
  const unsettled: Word[] = [];
  let stopping = false;
  let left = false;

  const start = (held: Held): void => {
    const { entry, attempt } = held;
    if (!steps.runs(entry)) {
      tell(held, steps.settle(entry, held.delivery, false), false);
      return;
    }
    running.push(held);
    process.file.put("start", { job: entry.job, attempt });
    if (steps.isHolders(entry, held.delivery)) store.change(entry, { begun: true });
    listener.started(worker, held);
    const plan = jobs[entry.job];
    const { runMs = 1, failures = 0 } = plan ?? {};
    if (failures === killsItsWorker) process.later(dice.within(0.1, runMs), () => listener.dies(worker));
    else process.later(runMs, () => end(held, attempt <= failures));
  };

  const end = (held: Held, failed: boolean): void => {
    running.splice(running.indexOf(held), 1);
    process.file.put(failed ? "failed" : "end", { job: held.entry.job, attempt: held.attempt });
    listener.over(worker, held, failed);
    const word: Word = { held, failed, askedOver: undefined };
    unsettled.push(word);
    process.later(dice.within(0, terms.settleAfterMs), () => say(word));
    // Where it is in touch, what others lost goes before what it has received.
    if (process.inTouch()) listener.free();
    else goOn();
  };

  /** Over each connection once: what was sent and not answered may have been carried out. */
  const say = (word: Word): void => {
    const connection = process.connection();
    if (!process.isHeard() || word.askedOver === connection) return;
    const { held, failed } = word;
    const again = word.askedOver !== undefined;
    word.askedOver = connection;
    process.send(() => {
      const as = steps.settle(held.entry, held.delivery, failed);
      if (held.entry.ghost && held.entry.delivery === held.delivery) store.change(held.entry, { state: "gone" });
      process.later(process.wayMs(), () => {
        if (!process.isConnected() || process.connection() !== connection) return;
        const at = unsettled.indexOf(word);
        if (at !== -1) unsettled.splice(at, 1);
        tell(held, as, again);
        listener.settled(worker, held, as);
        // Nobody gave it the job as long as it had a word to say of it.
        if (as === "refused") listener.free();
        leave();
      });
    });
  };

  const tell = ({ entry: { job }, attempt }: Held, as: SettledAs, again: boolean): void => {
    if (!tellsSettlements) return;
    if (as === "done" || as === "dead") process.file.put("accepted", { job, attempt, code: settledAs[as] });
    else if (as === "refused") process.file.put(again ? "settlementUnknown" : "settlementRefused", { job, attempt });
  };

  const goOn = (): void => {
    // oxlint-disable-next-line eslint/no-unmodified-loop-condition -- it is modified by what is run meanwhile
    while (running.length < concurrency && !stopping && (process.inTouch() || !terms.confirms)) {
      const next = received.shift();
      if (next === undefined) return;
      if (process.ranMs() - next.atMs <= steps.keepsMs(process.incarnation)) start(next.held);
      else if (process.inTouch()) handBack(next.held);
    }
  };

  const handBack = ({ entry, delivery }: Held): void => {
    if (steps.isHolders(entry, delivery)) steps.handBack(entry);
  };

  const leave = (): void => {
    if (stopping && running.length + unsettled.length === 0) go();
  };

  const go = (): void => {
    if (left) return;
    left = true;
    const { afterMs, code } = steps.goes(process.incarnation);
    if (afterMs === 0) listener.leaves(worker, code);
    else process.later(afterMs, () => listener.leaves(worker, code));
  };

  const take = (entry: Entry): Held => {
    steps.hold(entry, process.incarnation);
    return { entry, delivery: entry.delivery, attempt: entry.attempt };
  };

  const worker: Worker = {
    process,
    takes: () => process.inTouch() && !stopping,
    freeHands: () => concurrency - running.length,
    freeSeats: () => terms.readAhead - received.length,
    isAt: (job) =>
      [...running, ...received.map(({ held }) => held), ...unsettled.map(({ held }) => held)].some(
        ({ entry }) => entry.job === job,
      ),
    isThrough: () => running.length + unsettled.length === 0,
    runs: () => running.slice(),
    run: (entry) => start(take(entry)),
    receive(entry) {
      received.push({ held: take(entry), atMs: process.ranMs() });
    },
    goOn,
    confirm() {
      const kept = received.splice(0).filter(({ held }) => steps.isHolders(held.entry, held.delivery));
      if (stopping) kept.forEach(({ held }) => handBack(held));
      else received.push(...kept);
      unsettled.forEach(say);
      const mine = new Set(
        [...running, ...kept.map(({ held }) => held), ...unsettled.map(({ held }) => held)].map(({ entry }) => entry),
      );
      for (const entry of store.heldBy(process.incarnation)) if (!mine.has(entry)) steps.handBack(entry);
      goOn();
      leave();
    },
    askToStop() {
      stopping = true;
      if (process.inTouch()) received.splice(0).forEach(({ held }) => handBack(held));
      process.later(steps.graceMs(process.incarnation), go);
      leave();
    },
  };
  return worker;
}
