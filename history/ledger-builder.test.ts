import { expect, test } from "vitest";
import { history, type History, type ScriptedProcess } from "./testing/history.ts";
import { buildLedger } from "./ledger-builder.ts";
import { never, outcomes } from "./ledger.ts";

test("clean jobs are in the columns and have no life of their own", () => {
  const run = history({ jobs: 3 });
  const producer = run.process("producer");
  const worker = run.process("worker");
  run.at(10).clean([0, 1], producer, worker);
  const ledger = run.ledger();
  expect([...ledger.columns.outcome]).toEqual([outcomes.ok, outcomes.ok, outcomes.notSent]);
  expect([...ledger.columns.starts]).toEqual([1, 1, 0]);
  expect(ledger.columns.sentAt[0]).toBe(1000);
  expect(ledger.columns.lastEndAt[1]).toBe(1800);
  expect(ledger.columns.lastEndAt[2]).toBe(never);
  expect([...ledger.exceptions()]).toEqual([]);
  expect(ledger.integrity.incomplete).toEqual([]);
});

test("a job that ran twice has its life in order of time, whoever wrote it", () => {
  const run = history({ jobs: 40 });
  const producer = run.process("producer");
  const first = run.process("worker");
  const second = run.process("worker", { slot: 1 });
  producer.send(33, { plannedFailures: 1 }).ok(33);
  first.start(33);
  run.at(100);
  first.killed();
  run.at(200);
  second.start(33, { attempt: 2 }).end(33, { attempt: 2 }).accepted(33, { attempt: 2 });
  const ledger = run.ledger();
  expect([...ledger.exceptions()].map(({ job }) => job)).toEqual([33]);
  expect(ledger.life(33).map(({ at, kind, incarnation, attempt }) => [at / 1e6, kind, incarnation, attempt])).toEqual([
    [0, "send", 1, 0],
    [1, "ok", 1, 0],
    [2, "start", 2, 1],
    [200, "start", 3, 2],
    [201, "end", 3, 2],
    [202, "accepted", 3, 2],
  ]);
  expect(ledger.incarnations.map(({ end }) => end)).toEqual(["closed", "closed", "killed", "closed"]);
});

test("clean is what the system can tell: without settlements four records, with them five", () => {
  const run = history({ jobs: 2, tellsSettlements: false });
  const producer = run.process("producer");
  const worker = run.process("worker");
  run.clean([0], producer, worker);
  producer.send(1).ok(1);
  worker.start(1).end(1).accepted(1);
  expect([...run.ledger().exceptions()].map(({ job }) => job)).toEqual([1]);
});

test("what makes a job exceptional: each deviation by itself", () => {
  const deviations: readonly ((producer: ScriptedProcess, worker: ScriptedProcess, run: History) => unknown)[] = [
    (producer) => producer.send(0),
    (producer) => producer.unknown(0),
    (_, worker) => worker.start(0),
    (_, worker) => worker.end(0),
    (_, worker) => worker.failed(0),
    (_, worker) => worker.accepted(0),
    (_, worker) => worker.accepted(0, { as: "dead" }),
    (_, worker) => worker.settlementRefused(0),
    (_, worker) => worker.settlementUnknown(0),
    (_, worker) => worker.corrupt(0),
    (_, __, run) => run.place(0, "waiting"),
  ];
  for (const deviate of deviations) {
    const run = history({ jobs: 2 });
    const producer = run.process("producer");
    const worker = run.process("worker");
    run.clean([0, 1], producer, worker);
    deviate(producer, worker, run);
    const ledger = run.ledger();
    expect([...ledger.exceptions()].map(({ job, life }) => [job, life.length])).toEqual([[0, 6]]);
    expect([ledger.isExceptional(0), ledger.isExceptional(1)]).toEqual([true, false]);
    expect(ledger.life(1)).toEqual([]);
  }
});

test("among many jobs each exceptional one has its own life", () => {
  const jobs = 1000;
  const run = history({ jobs });
  const producer = run.process("producer");
  const worker = run.process("worker");
  const odd = Array.from({ length: jobs }, (_, job) => job).filter((job) => job % 7 === 3);
  run.clean(
    Array.from({ length: jobs }, (_, job) => job),
    producer,
    worker,
  );
  for (const job of odd) worker.start(job, { attempt: (job % 200) + 2 });
  const ledger = run.ledger();
  expect([...ledger.exceptions()].map(({ job }) => job)).toEqual(odd);
  for (const job of odd)
    expect(ledger.life(job).map(({ attempt }) => attempt)).toEqual([0, 0, 1, 1, 1, (job % 200) + 2]);
});

test("phases, drain, scan and stop are those of the journal", () => {
  const run = history();
  run.at(1000).phase("heal").at(2000).phase("drain").at(3500).drain("stuck", 1.5).at(4000).phase("scan");
  run.scanned({ finished: false, why: "the store did not answer", leftovers: [{ what: "locks", count: 1 }] });
  const ledger = run.ledger();
  expect(ledger.phases).toEqual({ loadFrom: 0, loadTo: 1e9, drainFrom: 2e9, drainTo: 3.5e9 });
  expect(ledger.drain).toMatchObject({ outcome: "stuck", seconds: 1.5 });
  expect(ledger.scan).toMatchObject({
    finished: false,
    agrees: true,
    leftovers: [{ what: "locks", count: 1 }],
    why: "the store did not answer",
  });
  expect(ledger.stopped).toBeUndefined();
});

test("a run that was stopped has no phases beyond its end", () => {
  const run = history();
  run.process("worker").leftRunning();
  run.at(2000).stopped("Ctrl-C");
  const { phases, stopped, drain, scan } = run.ledger();
  expect(stopped).toBe("Ctrl-C");
  expect([drain, scan]).toEqual([undefined, undefined]);
  expect(phases.loadTo).toBeGreaterThanOrEqual(2e9);
  expect([phases.drainFrom, phases.drainTo]).toEqual([phases.loadTo, phases.loadTo]);
});

test("a run of which nothing is left has an empty ledger", () => {
  const ledger = buildLedger(history({ jobs: 2 }).ledger().run, [], []);
  expect([...ledger.columns.outcome]).toEqual([outcomes.notSent, outcomes.notSent]);
  expect([ledger.incarnations, ledger.incidents, ledger.integrity.records]).toEqual([[], [], 0]);
});
