/** Jobs, retries and delays that are due, and that nobody looks at for a while though there are hands free. */
import type { Bug, Planting } from "./contract.ts";
import { instead } from "./instead.ts";
import type { Model } from "../run.ts";
import type { Entry } from "../store.ts";
import type { Worker } from "../worker.ts";

/**
 * It is due now, and lies there until, in whole seconds of the run, others could have taken it for longer than the
 * bound; or until the load is over, and nothing was broken.
 */
function hide({ simulation, fleet, world }: Model, entry: Entry, planting: Planting): void {
  const { store, workers, on } = fleet.queue;
  const { startMs, retryMs, settleMs } = world.bounds;
  const { backoffFactor, jitter } = world.terms;
  // By then it was surely due, though its backoff may have been drawn shorter.
  const jitterMs = entry.attempt === 1 ? 0 : jitter * world.backoffMs * backoffFactor ** (entry.attempt - 2);
  const enough = Math.ceil((startMs + retryMs + settleMs + jitterMs) / 1000) + 1;
  const over = planting.awaits();
  const busy = new Set<Worker>();
  on.started.push((worker) => busy.add(worker));
  let idleSeconds = -1;
  store.change(entry, { state: "withheld" });
  const isIdle = (worker: Worker): boolean => worker.takes() && worker.freeHands() === world.concurrency;
  const look = (): void => {
    if (workers.some((worker) => isIdle(worker) && !busy.has(worker))) idleSeconds++;
    busy.clear();
    for (const worker of workers) if (!isIdle(worker)) busy.add(worker);
    if (idleSeconds < enough && simulation.now() < world.loadMs)
      return simulation.at(1000 * Math.floor(simulation.now() / 1000 + 1), look);
    if (idleSeconds >= enough) planting.broke(entry.job);
    store.change(entry, { state: "waiting" });
    over();
  };
  look();
}

const mayBeLate = ({ simulation, world: { loadMs, bounds } }: Model): boolean =>
  simulation.now() + bounds.startMs + bounds.retryMs < loadMs;

const promotedLate =
  (isIt: (attempt: number) => boolean): Bug["plant"] =>
  (model, planting) =>
    instead(model.fleet.queue.steps, "promote", (usual) => (entry) => {
      if (!isIt(entry.attempt) || !mayBeLate(model) || !planting.takes()) return usual(entry);
      hide(model, entry, planting);
    });

/**
 * Whose hands were full when they took it at last may have had it in line all the time, for all that the record tells.
 */
const orSpread = (name: "started-on-time" | "retry-on-time" | "delayed-on-time") => ({
  breaks: name,
  ownedBy: () => [name, "spread"] as const,
});

export const latenessBugs: readonly Bug[] = [
  {
    ...orSpread("started-on-time"),
    what: "a job gets into line long after it was acknowledged",
    wishes: { killers: 0, calm: true, fleet: true },
    amid: [],
    plant: (model, planting) =>
      instead(model.fleet.queue.steps, "enqueue", (usual) => (job) => {
        const { store } = model.fleet.queue;
        const isNew = store.find(job) === undefined;
        usual(job);
        const entry = store.find(job);
        if (isNew && entry?.state === "waiting" && mayBeLate(model) && planting.takes()) hide(model, entry, planting);
      }),
  },
  {
    ...orSpread("retry-on-time"),
    what: "a retry is looked at long after it was due",
    wishes: { failing: true, killers: 0, calm: true, fleet: true },
    amid: [],
    plant: promotedLate((attempt) => attempt > 1),
  },
  {
    ...orSpread("delayed-on-time"),
    what: "a delayed job is looked at long after it was due",
    wishes: { delays: true, killers: 0, calm: true, fleet: true },
    amid: [],
    plant: promotedLate((attempt) => attempt === 1),
  },
];
