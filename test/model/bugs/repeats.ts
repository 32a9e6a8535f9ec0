/** Jobs that run again without a reason, are taken from the healthy, or come to two ends. */
import { wellFor } from "../../../history/hits.ts";
import type { Ledger } from "../../../history/ledger.ts";
import { killsItsWorker } from "../../../history/record.ts";
import { repeatsIn } from "../../../history/repeats.ts";
import { excusable } from "../excuse.ts";
import type { Model } from "../run.ts";
import { newEntry, type Entry } from "../store.ts";
import type { Held, Worker } from "../worker.ts";
import type { Bug, Planting } from "./contract.ts";

interface Start {
  readonly worker: Worker;
  readonly atMs: number;
}

/** Each start of each job, as the model saw it. */
function startsIn({ fleet: { queue }, simulation }: Model): (job: number) => readonly Start[] {
  const starts = new Map<number, Start[]>();
  queue.on.started.push((worker, { entry: { job } }) => {
    const before = starts.get(job);
    const start = { worker, atMs: simulation.now() };
    if (before === undefined) starts.set(job, [start]);
    else before.push(start);
  });
  return (job) => starts.get(job) ?? [];
}

export const isKiller = ({ world }: Model, { job }: Entry): boolean => world.jobs[job]?.failures === killsItsWorker;

/**
 * A copy of which nobody is to know, to be run by whoever comes first: that it was begun is where the promise is
 * broken.
 */
function runsAgain(
  model: Model,
  planting: Planting,
  held: Held,
  afterMs: number,
  starts: ReturnType<typeof startsIn>,
): void {
  const {
    fleet: { queue },
    simulation,
  } = model;
  const { job } = held.entry;
  const over = planting.awaits();
  simulation.after(afterMs, () => {
    const ghost = queue.store.add({
      ...newEntry(job, 0),
      ghost: true,
      attempt: held.attempt,
      state: "lost",
      lostAtMs: 0,
    });
    const listen = (worker: Worker, { entry }: Held): void => {
      if (entry !== ghost) return;
      queue.on.started.splice(queue.on.started.indexOf(listen), 1);
      const earlier = starts(job).findLast((start) => start.worker !== worker || start.atMs < simulation.now());
      planting.broke(job, earlier !== undefined && excusable(model, earlier, { worker, atMs: simulation.now() }));
      over();
    };
    queue.on.started.push(listen);
  });
}

/** Its first end was followed by as long as a settlement may take, with nothing wrong. */
function wasWellAfter(ledger: Ledger, job: number): boolean {
  const end = ledger.life(job).find(({ kind }) => kind === "end");
  return end !== undefined && wellFor(ledger, end.incarnation, end.at, ledger.run.bounds.settleMs) !== undefined;
}

/** It was seen to be a repeat, and excused by a hit. */
const isExcused: NonNullable<Bug["isBlind"]> = (ledger, job) =>
  repeatsIn(ledger, ledger.life(job)).extras.some(({ causes }) => causes.length > 0);

const againBugs: readonly Bug[] = [
  {
    breaks: "duplicates-explained",
    what: "a settled job runs again",
    // Where that it was settled is not told, and its holder was hit or left too soon to have said so, it may as well
    // have been lost.
    ownedBy: (ledger, job) => [
      "duplicates-explained",
      ...(ledger.run.tellsSettlements || wasWellAfter(ledger, job)
        ? []
        : (["recovery-bound", "graceful-stop"] as const)),
    ],
    isBlind: isExcused,
    plant(model, planting) {
      const starts = startsIn(model);
      model.fleet.queue.on.settled.push((_worker, held, as) => {
        if (as !== "done" || held.entry.ghost || !planting.takes()) return;
        runsAgain(model, planting, held, model.dice.spread(10, 60_000), starts);
      });
    },
  },
  {
    breaks: "duplicates-explained",
    what: "a worker runs twice what it received once",
    isBlind: isExcused,
    plant(model, planting) {
      const starts = startsIn(model);
      const {
        fleet: { queue },
        simulation,
        dice,
      } = model;
      queue.on.started.push((worker, held) => {
        if (held.entry.ghost || isKiller(model, held.entry) || !planting.takes()) return;
        const over = planting.awaits();
        const again = (): void => {
          if (!worker.process.isAlive() || !worker.takes()) return over();
          if (worker.freeHands() === 0) return simulation.after(5, again);
          const [earlier] = starts(held.entry.job).slice(-1);
          const ghost = { ...newEntry(held.entry.job, 0), ghost: true, attempt: held.attempt };
          worker.run(queue.store.add({ ...ghost, state: "withheld" }));
          const mine = earlier?.worker === worker;
          if (mine) planting.broke(held.entry.job, excusable(model, earlier, { worker, atMs: simulation.now() }));
          over();
        };
        simulation.after(dice.spread(1, 10_000), again);
      });
    },
    // It had failed by then: under the same number, it is another promise.
    cameToNothing: ({ life }, job) => life(job).some(({ kind }) => kind === "failed"),
  },
];

/** Another worker begins it while this one is at it. */
function takenWhileOpen(
  model: Model,
  planting: Planting,
  held: Held,
  worker: Worker,
  take: (then: () => boolean) => void,
): void {
  const {
    fleet: { queue },
    simulation,
  } = model;
  const atMs = simulation.now();
  const { entry, delivery } = held;
  const over = planting.awaits();
  const isStillAt = (): boolean => worker.process.isAlive() && worker.runs().includes(held);
  take(() => {
    if (!isStillAt() || entry.delivery !== delivery || entry.state !== "held") {
      over();
      return false;
    }
    queue.steps.lose(entry);
    const listen = (taker: Worker, { entry: started }: Held): void => {
      if (started !== entry) return;
      queue.on.started.splice(queue.on.started.indexOf(listen), 1);
      if (taker !== worker && isStillAt())
        planting.broke(entry.job, excusable(model, { worker, atMs }, { worker: taker, atMs: simulation.now() }));
      over();
    };
    queue.on.started.push(listen);
    return true;
  });
}

const takenBugs: readonly Bug[] = [
  {
    breaks: "no-premature-reclaim",
    what: "a job is taken from a worker that is well and at it",
    isBlind: isExcused,
    wishes: { fleet: true },
    plant(model, planting) {
      model.fleet.queue.on.started.push((worker, held) => {
        const { runMs = 0 } = model.world.jobs[held.entry.job] ?? {};
        if (held.entry.ghost || isKiller(model, held.entry) || runMs < 20 || !planting.takes()) return;
        takenWhileOpen(model, planting, held, worker, (then) =>
          model.simulation.after(model.dice.within(1, runMs), then),
        );
      });
    },
  },
  {
    breaks: "no-premature-reclaim",
    what: "a job is taken from a worker that was silent for a moment",
    isBlind: isExcused,
    wishes: { fleet: true },
    amid: ["pause", "cut", "deaf", "store-away"],
    plant(model, planting) {
      const { fleet, world } = model;
      fleet.on.returned.push((process) => {
        const worker = fleet.workerOf(process);
        const silence = process.silences().at(-1);
        if (worker === undefined || silence === undefined) return;
        if (silence.toMs - silence.fromMs > 0.5 * world.bounds.giveAwayMs - 1000 - world.bounds.reconnectMs) return;
        for (const held of worker.runs()) {
          if (held.entry.ghost || isKiller(model, held.entry) || !planting.takes()) continue;
          takenWhileOpen(model, planting, held, worker, (then) =>
            model.simulation.after(model.dice.spread(1, 1000), then),
          );
        }
      });
    },
  },
  {
    breaks: "no-premature-reclaim",
    what: "a lease is shorter than it is said to be",
    isBlind: isExcused,
    wishes: { fleet: true },
    amid: ["kill", "pause", "cut"],
    plant(model, planting) {
      const { fleet, world, simulation, dice } = model;
      fleet.on.fellSilent.push((process) => {
        const worker = fleet.workerOf(process);
        // The fault may have been armed, and the last tick have come, a while before.
        const soonestMs = world.bounds.giveAwayMs - 700;
        if (worker === undefined || soonestMs < 200) return;
        for (const held of worker.runs()) {
          if (held.entry.ghost || isKiller(model, held.entry) || !planting.takes()) continue;
          const over = planting.awaits();
          const { entry, delivery } = held;
          const silentAtMs = simulation.now();
          simulation.after(dice.within(0.02, 0.95) * soonestMs, () => {
            if (entry.state !== "held" || entry.delivery !== delivery) return over();
            fleet.queue.steps.lose(entry);
            const listen = (taker: Worker, started: Held): void => {
              if (started.entry !== entry) return;
              fleet.queue.on.started.splice(fleet.queue.on.started.indexOf(listen), 1);
              const early = simulation.now() - silentAtMs < soonestMs;
              if (early && taker !== worker && worker.runs().includes(held)) {
                const before = { worker, atMs: silentAtMs };
                planting.broke(
                  entry.job,
                  excusable(model, before, { worker: taker, atMs: simulation.now() }, silentAtMs),
                );
              }
              over();
            };
            fleet.queue.on.started.push(listen);
          });
        }
      });
    },
  },
];

export const repeatBugs: readonly Bug[] = [...againBugs, ...takenBugs];
