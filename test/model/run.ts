/**
 * One history of the model, from its seed to bytes and journal: the queue under its load and its trouble, to the end of
 * the drain.
 */
import type { JournalEntry, JournalLine, Leftover } from "../../history/journal.ts";
import type { RunFacts } from "../../history/ledger.ts";
import type { HistorySource } from "../../history/reader.ts";
import { deadFields, places } from "../../history/record.ts";
import type { Dice } from "./dice.ts";
import { historyFile, nsOf, type HistoryFile } from "./file.ts";
import { fleetOf, type Fleet } from "./fleet.ts";
import { simulation as simulationFrom, type Simulation } from "./simulation.ts";
import type { Store } from "./store.ts";
import { longestBendMs, troubleOf, type Trouble, type TroublePlan } from "./trouble.ts";
import type { Worker } from "./worker.ts";
import type { World } from "./world.ts";

export interface Made {
  readonly facts: RunFacts;
  readonly journal: readonly JournalLine[];
  readonly sources: readonly HistorySource[];
  /** Why the run is no test by the model's own doing; undefined where it is one. */
  readonly flawed: string | undefined;
}

export interface Script {
  readonly world: World;
  readonly trouble: readonly TroublePlan[];
  /** A worker stands still for a while by itself. */
  readonly stalls: readonly { readonly slot: number; readonly atMs: number; readonly lastsMs: number }[];
  /** Takes hold of the model before anything happens. */
  readonly prepare?: (model: Model) => void;
  /** Something is to come yet, whatever the queue says. */
  readonly pending?: () => boolean;
}

export interface Model {
  readonly world: World;
  readonly simulation: Simulation;
  readonly dice: Dice;
  readonly fleet: Fleet;
  readonly trouble: Trouble;
  /** What the final scan finds beside the entries. */
  readonly leftovers: Leftover[];
  readonly scans: ((scanner: HistoryFile) => void)[];
}

const earlyMs = 1000;
const epochMs = 1_700_000_000_000;
/** Longer than anything that the model does. */
const limitMs = 3_600_000;
const allDeadFields = Object.values(deadFields).reduce((all, bit) => all | bit, 0);

export function play(
  { world, trouble: plans, stalls, prepare, pending = () => false }: Script,
  dice: Dice,
  seed: string,
): Made {
  const simulation = simulationFrom(-earlyMs);
  const journal: JournalLine[] = [];
  const note = (entry: JournalEntry): void => void journal.push({ at: nsOf(simulation.now()), ...entry });
  const scanner = historyFile({ incarnation: 0, role: "harness" }, simulation.now);
  const fleet = fleetOf({ world, simulation, dice, note });
  const trouble = troubleOf(plans, { world, fleet, simulation, dice, note });
  simulation.at(0, () => note({ type: "phase", phase: "load" }));
  const model: Model = { world, simulation, dice, fleet, trouble, leftovers: [], scans: [] };
  prepare?.(model);
  for (const { slot, atMs, lastsMs } of stalls) simulation.at(atMs, () => stall(fleet, simulation, slot, lastsMs));
  ask(fleet.queue.store, fleet, scanner, simulation, dice);
  let outcome: "drained" | "stuck" | undefined;
  whenLoadIsOver(world, { fleet, trouble, simulation, note, pending }, (how) => (outcome = how));
  simulation.run(() => outcome !== undefined, limitMs);
  scan(world, fleet.queue.store, scanner);
  for (const find of model.scans) find(scanner);
  scanner.close();
  note({ type: "scanned", finished: true, agrees: true, leftovers: model.leftovers });
  fleet.close();
  note({ type: "phase", phase: "over" });
  return {
    facts: factsOf(world, seed, trouble.armed),
    journal,
    sources: [scanner, ...fleet.processes().map(({ file }) => file)].map((file) => file.source()),
    flawed: trouble.missed() ? "a fault met nobody" : undefined,
  };
}

function stall(fleet: Fleet, simulation: Simulation, slot: number, lastsMs: number): void {
  const holder = fleet.holder(`worker:${slot}`);
  if (holder === undefined || !fleet.isReady(holder)) return;
  holder.hinder("stopped", 1);
  simulation.after(lastsMs, () => holder.hinder("stopped", -1));
}

/** The store for its time, ten times a second; the queue for its depth, once. */
function ask(store: Store, fleet: Fleet, scanner: HistoryFile, simulation: Simulation, dice: Dice): void {
  // The answer is there as soon as it is given; the question was asked some time before.
  const every = (ms: number, question: () => number, kind: "storeTime" | "depth"): void => {
    if (store.isUp()) scanner.put(kind, { aux: question(), micros: Math.ceil(dice.within(200, 4000)) });
    simulation.after(ms, () => every(ms, question, kind));
  };
  every(100, () => Math.floor(epochMs + store.clockMs()), "storeTime");
  every(dice.within(500, 1500), () => fleet.queue.steps.depth(), "depth");
}

const quietMs = 400;
/** It waits for no answer: a process of the real harness that is to end does not go before. */
const isThrough = (worker: Worker): boolean => !worker.process.isAlive() || worker.isThrough();

/** Everything was sent, and all faults are over; then it is waited until nothing is left, or nothing moves. */
function whenLoadIsOver(
  world: World,
  {
    fleet,
    trouble,
    simulation,
    note,
    pending,
  }: Pick<Model, "fleet" | "trouble" | "simulation"> & {
    readonly note: (entry: JournalEntry) => void;
    readonly pending: () => boolean;
  },
  then: (outcome: "drained" | "stuck") => void,
): void {
  const { bounds, attempts, backoffMs, terms, loadMs } = world;
  const longestWaitMs = Math.max(5000, backoffMs * terms.backoffFactor ** attempts * (1 + terms.jitter));
  const stuckMs = bounds.recoveryMs + bounds.retryMs + longestWaitMs + longestBendMs + 5000;
  let movedAtMs = 0;
  let drainFromMs = 0;
  const moved = (): void => void (movedAtMs = simulation.now());
  for (const happened of [fleet.queue.on.started, fleet.queue.on.over, fleet.queue.on.settled]) happened.push(moved);
  const look = (): void => {
    const sinceMs = simulation.now() - Math.max(movedAtMs, drainFromMs);
    const outcome = pending()
      ? undefined
      : sinceMs > quietMs && fleet.queue.store.depth() === 0 && fleet.queue.workers.every(isThrough)
        ? "drained"
        : sinceMs > stuckMs
          ? "stuck"
          : undefined;
    if (outcome === undefined) return simulation.after(250, look);
    note({ type: "drain", outcome, seconds: (simulation.now() - drainFromMs) / 1000 });
    note({ type: "phase", phase: "scan" });
    then(outcome);
  };
  const wait = (): void => {
    if (!fleet.areThrough() || !trouble.isOver() || pending()) return simulation.after(250, wait);
    note({ type: "phase", phase: "heal" });
    note({ type: "phase", phase: "drain" });
    drainFromMs = simulation.now();
    look();
  };
  simulation.at(loadMs, wait);
}

function scan({ attempts }: World, { entries }: Store, scanner: HistoryFile): void {
  const at = {
    waiting: places.waiting,
    lost: places.waiting,
    left: places.waiting,
    delayed: places.delayed,
    held: places.active,
    withheld: places.active,
  };
  for (const { job, state, ghost, letters, lacks } of entries) {
    if (ghost) continue;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was just asked for
    if (state in at) scanner.put("place", { job, code: at[state as keyof typeof at] });
    for (let copy = 0; copy < letters; copy++)
      scanner.put("place", { job, code: places.dead, attempt: attempts, micros: allDeadFields & ~lacks });
  }
}

const factsOf = (world: World, seed: string, armed: Readonly<Record<string, number>>): RunFacts => ({
  seed,
  scenario: "model",
  system: "model",
  jobs: world.jobs.length,
  attempts: world.attempts,
  backoffMs: world.backoffMs,
  priorities: world.priorities,
  repeats: world.jobs.some(({ repeats }) => repeats !== undefined),
  tellsSettlements: world.tellsSettlements,
  bounds: world.bounds,
  claims: world.claims,
  payloadBytes: 100,
  concurrency: world.concurrency,
  producers: world.producers,
  scheduled: armed,
  leftOut: [],
  exercises: world.exercises,
  load: { lateShare: 0.01, lateAfterMs: 1000 },
});
