/** The model queue as a whole: who takes what, when there is something to be had and someone has a hand free. */
import type { Dice } from "./dice.ts";
import { leasesOf, type Leases } from "./leases.ts";
import type { Process } from "./process.ts";
import type { Simulation } from "./simulation.ts";
import { stepsOf, type SettledAs, type Steps } from "./steps.ts";
import { storeOf, type Entry, type Store } from "./store.ts";
import { workerOf, type Held, type Worker } from "./worker.ts";
import type { World } from "./world.ts";

export interface Queue {
  readonly store: Store;
  readonly steps: Steps;
  readonly leases: Leases;
  readonly workers: readonly Worker[];
  /** While it is true, nobody takes anything: for a bug. */
  standsStill: boolean;
  employ(process: Process): Worker;
  /** It is out of touch: there may be a job on the way to it. */
  missRead(worker: Worker): void;
  /** Someone may take something. */
  wake(): void;
  /** What happens in it, for bugs to listen to. */
  readonly on: Listeners;
}

export interface Listeners {
  started: ((worker: Worker, held: Held) => void)[];
  over: ((worker: Worker, held: Held, failed: boolean) => void)[];
  settled: ((worker: Worker, held: Held, as: SettledAs) => void)[];
}

export interface QueueTools {
  readonly world: World;
  readonly simulation: Simulation;
  readonly dice: Dice;
  readonly dies: (worker: Worker) => void;
  readonly leaves: (worker: Worker, code: number) => void;
}

// long: one queue, put together of its parts, which call each other
export function queueOf({ world, simulation, dice, dies, leaves }: QueueTools): Queue {
  const { terms, priorities } = world;
  const workers: Worker[] = [];
  let awake = false;
  const wake = (): void => {
    if (awake) return;
    awake = true;
    simulation.after(dice.within(0.05, terms.latencyMs), () => {
      awake = false;
      if (store.isUp() && !queue.standsStill) handOut();
    });
  };
  const store = storeOf(simulation, {
    changed: wake,
    due: (entry) => steps.promote(entry),
    lateMs: () => dice.within(0.1, terms.lookMs),
  });
  const steps = stepsOf(world, store, dice, simulation.now);
  const leases = leasesOf({ terms, simulation, dice, store, steps, workers: () => workers });
  const on: Listeners = { started: [], over: [], settled: [] };

  const handOut = (): void => {
    for (const entry of store.lost()) {
      if (nobody(free)) break;
      someone(entry, free)?.run(entry);
    }
    // What a worker has received goes before what waits.
    for (const worker of workers) if (worker.takes()) worker.goOn();
    if (store.waiting().length === 0 || nobody(canTake)) return;
    for (const entry of inTurn()) {
      if (nobody(canTake)) break;
      const worker = someone(entry, free);
      if (worker === undefined) someone(entry, seated)?.receive(entry);
      else worker.run(entry);
    }
  };

  const nobody = (can: (worker: Worker) => boolean): boolean => !workers.some((worker) => takes(worker) && can(worker));

  const takes = (worker: Worker): boolean => worker.takes() && steps.serves(worker.process.incarnation);

  const someone = ({ job }: Entry, can: (worker: Worker) => boolean): Worker | undefined => {
    const able = workers.filter((worker) => takes(worker) && can(worker) && !worker.isAt(job));
    return able[Math.floor(dice.unit() * able.length)];
  };

  /** As they came; where there are priorities, by lot for each, by their weights. Each once. */
  function* inTurn(): Iterable<Entry> {
    const all = store.waiting();
    const to = all.length;
    const lines = (priorities.length === 0 ? [undefined] : priorities).map((own, index) => ({
      weight: own === undefined ? 1 : steps.weight(index + 1),
      priority: own && index + 1,
      at: 0,
    }));
    for (;;) {
      for (const line of lines) while (line.at < to && !isNext(all[line.at], line.priority)) line.at++;
      const there = lines.filter(({ at }) => at < to);
      let lot = dice.unit() * there.reduce((sum, { weight }) => sum + weight, 0);
      const line = there.find(({ weight }) => (lot -= weight) < 0);
      const entry = line && all[line.at++];
      if (entry === undefined) return;
      yield entry;
    }
  }

  const queue: Queue = {
    store,
    steps,
    leases,
    workers,
    standsStill: false,
    employ(process) {
      const worker = workerOf(process, {
        world,
        store,
        steps,
        dice,
        listener: {
          free: wake,
          started: (...what) => on.started.forEach((listen) => listen(...what)),
          over: (...what) => on.over.forEach((listen) => listen(...what)),
          settled: (...what) => on.settled.forEach((listen) => listen(...what)),
          dies,
          leaves,
        },
      });
      workers.push(worker);
      return worker;
    },
    missRead(worker) {
      const { process } = worker;
      const { incarnation } = process;
      const take = (): Entry | undefined => (store.isUp() && dice.chance(0.3) ? store.waiting()[0] : undefined);
      if (process.isRunning()) {
        const entry = take();
        if (entry !== undefined) steps.hold(entry, incarnation);
      } else if (worker.freeHands() > 0 && process.isConnected()) {
        // It stands still, and what it asked for before is handed to it.
        simulation.after(dice.within(0, terms.readAheadMs), () => {
          const entry = process.isConnected() && !process.inTouch() && !process.isRunning() ? take() : undefined;
          if (entry !== undefined) worker.receive(entry);
        });
      }
    },
    wake,
    on,
  };
  return queue;
}

const isNext = (entry: Entry | undefined, priority: number | undefined): boolean =>
  entry?.state === "waiting" && (priority ?? entry.priority) === entry.priority;

const free = (worker: Worker): boolean => worker.freeHands() > 0;
const seated = (worker: Worker): boolean => worker.freeSeats() > 0;
const canTake = (worker: Worker): boolean => free(worker) || seated(worker);
