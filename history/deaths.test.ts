import { describe, expect, test } from "vitest";
import { history, type History, type ScriptedProcess } from "./testing/history.ts";
import { buildLedger } from "./ledger-builder.ts";
import type { Death } from "./ledger.ts";
import { killsItsWorker } from "./record.ts";

const deaths = (run: History): readonly Death[] => run.ledger().deaths;

interface Scene {
  readonly run: History;
  readonly producer: ScriptedProcess;
  readonly worker: ScriptedProcess;
}
/** At 1 s, with a job in the worker's hands. */
function scene(plannedFailures = 0, jobs = 1): Scene {
  const run = history({ jobs });
  const [producer, worker] = [run.process("producer"), run.process("worker", { slot: 2 })];
  producer.send(0, { plannedFailures }).ok(0);
  worker.start(0);
  run.at(1000);
  return { run, producer, worker };
}

describe("planned, and no death of its own", () => {
  test.each<[string, (scene: Scene) => unknown]>([
    ["the end with everybody else, after the drain", () => {}],
    ["a kill of those that did not go by then", ({ run, worker }) => worker.at(run.now() + 10).killed()],
    [
      "a kill by a fault",
      ({ run, worker }) => {
        const fault = run.fault("worker-kill", { effect: "killed", touches: ["worker:2"] }).armed();
        worker.killed();
        fault.bit().healed();
      },
    ],
    [
      "the end after a fault's request to stop, however it goes: another check's",
      ({ run, worker }) => {
        const fault = run.fault("worker-restart", { effect: "asked-to-stop", touches: ["worker:2"] }).armed();
        fault.bit().healed();
        worker.at(9000).crashed(7);
      },
    ],
    ["a job that kills its worker", () => {}],
  ])("%s", (what, happen) => {
    const one = scene(what.startsWith("a job that kills") ? killsItsWorker : 0);
    if (what.startsWith("a kill of those")) one.run.drain("late");
    if (what.startsWith("a job that kills")) one.worker.killed();
    happen(one);
    expect(deaths(one.run)).toEqual([]);
  });
});

test("one that cannot begin while its store is away may give up; once it is ready, or the fault is over, it may not", () => {
  const deathsWith = (isReady: boolean, diesAt: number): readonly Death[] => {
    const { run } = scene();
    const fault = run.fault("broker-stop", { effect: "store-away", touches: ["store"] }).armed();
    const next = run.process("worker", { slot: 3, spawned: "now" });
    next.at(diesAt).crashed(1);
    run.at(3000);
    fault.bit().healed();
    run.at(9000);
    const lines = run
      .journal()
      .filter((line) => isReady || line.type !== "ready" || line.incarnation !== next.incarnation);
    return buildLedger(run.ledger().run, lines, run.sources()).deaths;
  };
  expect(deathsWith(false, 2000)).toEqual([]);
  expect(deathsWith(true, 2000)).toMatchObject([{ slot: 3, by: "itself" }]);
  expect(deathsWith(false, 5000)).toMatchObject([{ slot: 3, by: "itself" }]);
});

describe("unplanned", () => {
  const exhausted = ["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"];
  const of = (incarnation: number, more: Partial<Death>): readonly Partial<Death>[] => [
    { incarnation, role: "worker", slot: 2, at: 1e9, code: null, signal: null, lastWords: [], ...more },
  ];

  test("an exhausted heap, with its last words", () => {
    const { run, worker } = scene();
    worker.killed("SIGABRT", exhausted);
    expect(deaths(run)).toEqual(of(2, { signal: "SIGABRT", by: "itself", lastWords: exhausted }));
  });

  test("an exit with a code, and one without: nobody had asked it to go", () => {
    const first = scene();
    first.worker.crashed(70);
    expect(deaths(first.run)).toEqual(of(2, { code: 70, by: "itself" }));
    const second = scene();
    second.worker.closed();
    expect(deaths(second.run)).toEqual(of(2, { code: 0, by: "itself" }));
  });

  test("SIGKILL that nobody of the run had sent comes from outside, also while a job kills another worker", () => {
    const { run, producer, worker } = scene(0, 2);
    producer.send(1, { plannedFailures: killsItsWorker });
    run.process("worker", { slot: 1 }).start(1).killed();
    worker.at(1000).killed();
    run.at(3000);
    expect(deaths(run)).toEqual(of(2, { signal: "SIGKILL", by: "outside" }));
  });

  test("a kill fault explains neither an exit, nor a kill of another slot, nor one after it was over", () => {
    const fault = (run: History) => run.fault("worker-kill", { effect: "killed", touches: ["worker:2"] }).armed();
    const exit = scene();
    const first = fault(exit.run);
    exit.worker.at(1000).crashed(1);
    first.notBit("it was gone").healed();
    expect(deaths(exit.run)).toMatchObject([{ code: 1, by: "itself" }]);

    const other = scene();
    const neighbour = other.run.process("worker", { slot: 1 });
    const second = fault(other.run);
    other.worker.killed();
    neighbour.killed();
    second.bit().healed();
    expect(deaths(other.run)).toMatchObject([{ slot: 1, signal: "SIGKILL", by: "outside" }]);

    const later = scene();
    const third = fault(later.run);
    later.worker.killed();
    third.bit().healed();
    later.run.process("worker", { slot: 2, spawned: "now" }).at(8000).killed();
    expect(deaths(later.run)).toMatchObject([{ incarnation: 3, by: "outside" }]);
  });

  test("a fault that ends no process explains no end: who dies while cut off, or while the store is away, dies of itself", () => {
    for (const [effect, touches] of [
      ["cut-off", "link:worker:2"],
      ["store-away", "store"],
      ["paused", "worker:2"],
    ] as const) {
      const { run, worker } = scene();
      const fault = run.fault("any", { effect, touches: [touches] }).armed();
      worker.crashed(1);
      fault.bit().healed();
      expect(deaths(run)).toMatchObject([{ code: 1, by: "itself" }]);
    }
  });

  test("one that breaks down while it is asked to go with everybody else", () => {
    const { run, worker } = scene();
    run.drain("drained");
    worker.killed("SIGSEGV");
    expect(deaths(run)).toMatchObject([{ signal: "SIGSEGV", by: "itself" }]);
  });

  test("a producer that goes before its time", () => {
    const { run, producer } = scene();
    producer.crashed(1);
    expect(deaths(run)).toMatchObject([{ role: "producer", code: 1 }]);
  });

  test("in order of time", () => {
    const { run, producer, worker } = scene();
    worker.at(2000).crashed(2);
    producer.at(1000).crashed(1);
    run.at(3000);
    expect(deaths(run).map(({ code }) => code)).toEqual([1, 2]);
  });
});
