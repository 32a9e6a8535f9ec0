import { expect, test } from "vitest";
import type { Effect } from "./effects.ts";
import type { Resource } from "./resource.ts";
import { history, type History, type ScriptedProcess } from "./testing/history.ts";
import { watchingOf } from "./watching.ts";

/** Two workers for 60 s, of a system with a lease of 5 s, and what happens meanwhile. */
function two(meanwhile: (run: History) => void = () => {}, facts: Parameters<typeof history>[0] = {}) {
  const run = history(facts);
  run.process("worker");
  run.process("worker", { slot: 1 });
  meanwhile(run);
  const { counted, deadline } = watchingOf(run.at(60_000).ledger());
  return {
    counted: (from: number, to: number): number => tens(counted(from * 1e6, to * 1e6)),
    deadline: (from: number, ms: number): number => tens(deadline(from * 1e6, ms)),
  };
}

/** To tens of ms: each step of a history takes one. */
const tens = (ns: number): number => Math.round(ns / 1e7) * 10;

const fault = (effect: Effect, resource: Resource, from: number, to: number) => (run: History) => {
  const one = run
    .at(from)
    .fault("f", { effect, touches: [resource] })
    .armed();
  run.at(to);
  one.bit().healed();
};

test("where somebody is well all along, all time counts, and a hit on another adds nothing", () => {
  expect(two().counted(10_000, 30_000)).toBe(20_000);
  expect(two(fault("paused", "worker:1", 12_000, 25_000)).counted(10_000, 30_000)).toBe(20_000);
  expect(two().deadline(10_000, 8_000)).toBe(18_000);
});

test("whoever is on a slow link sees late who is silent, and is no watcher meanwhile; a wrong clock keeps nobody from it", () => {
  const alone = (effect: Effect, resource: Resource) =>
    two((run) => {
      fault("paused", "worker:0", 8_000, 40_000)(run);
      fault(effect, resource, 12_000, 20_000)(run);
    }).counted(10_000, 30_000);
  expect(alone("clock-bent", "clock:worker:1")).toBe(20_000);
  expect(alone("slow", "link:worker:1")).toBe(10_000);
});

test("time without a store does not count, nor the lease that has to be watched anew", () => {
  const away = two(fault("store-away", "store", 12_000, 20_000));
  // 2 s before and 3 s after it are no lease yet.
  expect(away.counted(10_000, 23_000)).toBe(5_000);
  expect(away.counted(10_000, 25_000)).toBe(5_000);
  expect(away.counted(10_000, 30_000)).toBe(10_000);
  expect(away.deadline(10_000, 10_000)).toBe(30_000);
  // Watched for long enough before: only the time without a store is left out.
  expect(away.counted(5_000, 25_000)).toBe(20_000 - 8_000);
});

test("what somebody saw who is gone, whoever comes after him has to see for himself", () => {
  const run = history();
  const first = run.process("worker");
  run.at(20_000);
  first.killed();
  run.at(21_000).process("worker", { spawned: "now" });
  const { counted, countedAnew, deadline } = watchingOf(run.at(60_000).ledger());
  // Its lease and a second and a half more, since it was heard for the last time; then the other's lease, which is none
  // of the queue's time.
  expect(tens(countedAnew(13_000e6, 26_000e6))).toBe(6_500);
  expect(tens(countedAnew(13_000e6, 29_500e6))).toBe(10_000);
  expect(tens(counted(13_000e6, 26_000e6))).toBe(11_500);
  expect(tens(deadline(13_000e6, 10_000))).toBe(29_500);
});

test("newcomers that are hit in turn have watched for nothing", () => {
  const inTurn = two((run) => {
    fault("cut-off", "link:worker:0", 10_000, 40_000)(run);
    for (const from of [10_000, 14_000, 18_000]) fault("paused", "worker:1", from, from + 1_000)(run);
  });
  expect(inTurn.counted(9_000, 23_000)).toBe(5_000);
  expect(inTurn.counted(9_000, 29_000)).toBe(10_000);
});

test("where the store watches, workers are needed for the next start alone", () => {
  const { bounds } = history().ledger().run;
  const inTurn = (run: History): void => {
    fault("cut-off", "link:worker:0", 10_000, 40_000)(run);
    fault("cut-off", "link:worker:1", 10_000, 40_000)(run);
  };
  const counted = (watchedBy: "workers" | "store", to: number): number =>
    two(inTurn, { bounds: { ...bounds, watchedBy } }).counted(9_000, to);
  // Nobody watches, and nobody can go on; the store has seen the end of the lease by the return of the workers.
  expect(counted("workers", 40_000)).toBe(1_000);
  expect(counted("workers", 45_000)).toBe(5_000);
  expect(counted("store", 40_000)).toBe(5_000);
  expect(counted("store", 45_000)).toBe(10_000);
});

test("without any worker, and after the last one, no time passes", () => {
  const run = history();
  run.process("worker").at(10_000).killed();
  run.at(20_000).process("worker", { slot: 1, spawned: "now" });
  const { counted } = watchingOf(run.at(60_000).ledger());
  expect(Math.round(counted(10e9, 24e9) / 1e9)).toBe(4);
  expect(Math.round(counted(10e9, 30e9) / 1e9)).toBe(10);
  const gone = history();
  gone.process("worker").at(10_000).killed();
  expect(watchingOf(gone.at(60_000).ledger()).counted(10e9, 59e9)).toBe(0);
});

/**
 * Two hands each in two workers, of which one dies with two jobs at 10 s; the other's run until 30 s. What happens
 * then?
 */
function full(then: (run: History, worker: ScriptedProcess, producer: ScriptedProcess) => void) {
  const run = history({ jobs: 8, concurrency: 2 });
  const producer = run.process("producer");
  const dead = run.process("worker");
  const worker = run.process("worker", { slot: 1 });
  for (const job of [0, 1, 2, 3]) producer.send(job).ok(job);
  dead.start(0).start(1);
  worker.start(2).start(3);
  run.at(10_000);
  dead.killed();
  run.at(30_000);
  then(run, worker, producer);
  return (to: number): number => tens(watchingOf(run.at(60_000).ledger()).counted(10_000e6, to * 1e6));
}

test("while every hand of who is well is taken, no time passes beyond the lease", () => {
  const counted = full((_, worker) => void worker.end(2).start(0).end(3).start(1));
  expect(counted(16_000)).toBe(5_000);
  expect(counted(30_500)).toBe(5_000);
  expect(counted(50_000)).toBe(5_000);
});

test("a hand that was free, or went to a job that nobody had lost, was there for one that was", () => {
  const free = full((run, worker) => {
    worker.end(2);
    run.at(40_000);
    worker.start(0).end(3).start(1);
  });
  expect(free(39_000)).toBe(14_000);
  expect(free(50_000)).toBe(15_000);
  const elsewhere = full((run, worker, producer) => {
    for (const job of [4, 5, 6, 7]) producer.send(job).ok(job);
    worker.end(2).start(4);
    for (const [at, over, next] of [
      [31_000, 3, 5],
      [32_000, 4, 6],
      [33_000, 5, 7],
    ] as const) {
      run.at(at);
      worker.end(over).start(next);
    }
  });
  expect(elsewhere(34_000)).toBe(9_000);
  expect(elsewhere(50_000)).toBe(9_000);
});

test("hands of who is cut off are nobody's", () => {
  const cut = full((run, worker) => {
    fault("cut-off", "link:worker:2", 12_000, 25_000)(run);
    run.process("worker", { slot: 2 });
    run.at(30_000);
    worker.end(2).start(0).end(3).start(1);
  });
  // It comes back with both hands free, from 26 s on as whole seconds go, and takes nothing.
  expect(cut(25_500)).toBe(5_000);
  expect(cut(30_000)).toBe(9_000);
});
