import { expect, test } from "vitest";
import { allDeadFields, history } from "./testing/history.ts";
import { encode, encodeHeader, slots } from "./encode.ts";
import { readColumns } from "./columns.ts";
import { never, outcomes, spanSeconds, type RunFacts } from "./ledger.ts";
import { memorySource } from "./reader.ts";
import { alwaysFails, noJob, places, type Kind } from "./record.ts";

test("each outcome, and what wins when a job has several answers", () => {
  const run = history({ jobs: 8 });
  const producer = run.process("producer");
  producer.send(1);
  producer.send(2).ok(2);
  producer.send(3).refused(3);
  producer.send(4).unknown(4);
  producer.send(5).refused(5).send(5);
  producer.send(6).refused(6).send(6).ok(6);
  producer.send(7).unknown(7).send(7).refused(7);
  const { notSent, unanswered, ok, refused, unknown } = outcomes;
  expect([...run.ledger().columns.outcome]).toEqual([
    notSent,
    unanswered,
    ok,
    refused,
    unknown,
    unanswered,
    ok,
    unknown,
  ]);
});

test("times: the first of each but the last end, in tens of microseconds", () => {
  const run = history({ jobs: 2 });
  const producer = run.process("producer");
  const worker = run.process("worker");
  producer.at(50).send(0, { intended: 20, plannedFailures: 2, durationMs: 5 }).ok(0);
  worker.at(100).start(0).failed(0).at(200).start(0, { attempt: 2 }).end(0).end(0).accepted(0).accepted(0);
  const { columns } = run.ledger();
  const of = (job: number) =>
    [
      columns.intendedAt,
      columns.sentAt,
      columns.answeredAt,
      columns.firstStartAt,
      columns.lastEndAt,
      columns.settledAt,
    ].map((column) => column[job]);
  expect(of(0)).toEqual([2000, 5000, 5100, 10_000, 20_200, 20_300]);
  expect(of(1)).toEqual([never, never, never, never, never, never]);
  const counts = [
    columns.starts,
    columns.ends,
    columns.failures,
    columns.acceptedDone,
    columns.acceptedDead,
    columns.plannedFailures,
  ];
  expect(counts.map((column) => column[0])).toEqual([2, 2, 1, 2, 0, 2]);
});

test("what came before the load is kept at its beginning", () => {
  const run = history({ jobs: 1 });
  run.process("producer").at(-200).send(0).ok(0);
  const { columns, rates } = run.ledger();
  expect([columns.intendedAt[0], columns.sentAt[0], columns.answeredAt[0]]).toEqual([0, 0, 0]);
  expect(rates.acknowledged[0]).toBe(1);
});

test("the dead and their places", () => {
  const run = history({ jobs: 3 });
  const producer = run.process("producer");
  const worker = run.process("worker");
  producer.send(0, { plannedFailures: alwaysFails }).ok(0);
  worker.start(0).failed(0).accepted(0, { as: "dead" });
  run.place(0, "dead", { attempts: 3 }).place(0, "dead").place(0, "waiting").place(1, "active").place(2, "delayed");
  const ledger = run.ledger();
  expect([...ledger.columns.place]).toEqual([places.dead | places.waiting, places.active, places.delayed]);
  expect([...ledger.columns.acceptedDead]).toEqual([1, 0, 0]);
  expect(ledger.columns.plannedFailures[0]).toBe(alwaysFails);
  const dead = ledger.life(0).filter(({ kind }) => kind === "place");
  expect(dead[0]).toMatchObject({ attempt: 3, code: places.dead, micros: allDeadFields });
  expect([...ledger.exceptions()].map(({ job }) => job)).toEqual([0, 1, 2]);
});

test("corrupt payloads are kept with who met them", () => {
  const run = history({ jobs: 1 });
  const worker = run.process("worker").at(10).corrupt().corrupt(0);
  run.corruptInScan();
  const { corrupt } = run.ledger();
  expect(corrupt.map(({ job, incarnation, where }) => [job, incarnation, where])).toEqual([
    [0xffffffff, 0, "scan"],
    [0xffffffff, worker.incarnation, "handler"],
    [0, worker.incarnation, "handler"],
  ]);
});

test("a record about a job that is not of the plan is damage", () => {
  const run = history({ jobs: 1 });
  const worker = run.process("worker").start(1);
  const { integrity } = run.ledger();
  expect(integrity.incomplete).toEqual([
    { incarnation: worker.incarnation, role: "worker", why: "it names job 1 of a plan of 1" },
  ]);
});

test("what is about a payload of no job is no damage", () => {
  const run = history({ jobs: 1 });
  run.process("worker").corrupt().settlementRefused(noJob).accepted(noJob);
  const { integrity, corrupt } = run.ledger();
  expect([integrity.incomplete, corrupt.length]).toEqual([[], 1]);
});

test("records of later than columns can tell apart make their file incomplete", () => {
  const run = history({ jobs: 2 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([0], producer, worker).at(spanSeconds * 1000);
  producer.stalled(60_000).send(1).ok(1);
  const { integrity } = run.ledger();
  expect(integrity.incomplete).toEqual([
    {
      incarnation: producer.incarnation,
      role: "producer",
      why: "it goes on for longer than the 11.9 hours that a history can tell",
    },
  ]);
});

test("rates count by second of the run, to the last second with a record", () => {
  const run = history({ jobs: 3 });
  const producer = run.process("producer");
  const worker = run.process("worker");
  producer.at(1500).send(0, { intended: 900 }).ok(0).send(1).ok(1);
  worker.at(2100).start(0).failed(0).at(3999).start(0).at(4000).end(0).accepted(0);
  const { rates } = run.ledger();
  const counted = Object.values(rates).map((column) => [...column.subarray(0, 5)]);
  expect(counted).toEqual([
    [1, 1, 0, 0, 0],
    [0, 2, 0, 0, 0],
    [0, 0, 1, 1, 0],
    [0, 0, 0, 0, 1],
    [0, 0, 1, 0, 0],
    [0, 0, 0, 0, 1],
  ]);
  expect(rates.intended.length).toBe(5);
});

test("counts stop at 255, and lives go on", () => {
  const run = history({ jobs: 2 });
  const producer = run.process("producer");
  const worker = run.process("worker");
  producer.send(1).ok(1);
  for (let n = 0; n < 400; n++) worker.start(1, { attempt: n });
  const ledger = run.ledger();
  expect(ledger.columns.starts[1]).toBe(255);
  expect(ledger.life(1)).toHaveLength(402);
  expect(ledger.life(1).at(-1)?.attempt).toBe(255);
});

test("ticks are not taken for records about job 0", () => {
  const written = slots(3);
  encodeHeader(written, { incarnation: 1, role: "worker" });
  for (const [slot, kind] of (["tick", "close"] satisfies Kind[]).entries())
    encode(written, slot + 1, slot, slot, kind, {});
  expect([...readColumns({ jobs: 1, priorities: [] }, 0, [memorySource(1, written.bytes)]).mentions]).toEqual([0]);
});

test("the delay of a job is kept, and a delayed job that went well is as clean as any", () => {
  const run = history({ jobs: 2 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.send(0, { delayMs: 1_230 }).ok(0);
  worker.start(0).end(0).accepted(0);
  run.clean([1], producer, worker);
  const ledger = run.ledger();
  expect([...ledger.columns.delay]).toEqual([123, 0]);
  expect([ledger.isExceptional(0), ledger.isExceptional(1)]).toEqual([false, false]);
});

test("the priority of a job is kept where the run has any, and makes no job less clean", () => {
  const sent = (priorities: RunFacts["priorities"]) => {
    const run = history({ jobs: 3, priorities });
    const [producer, worker] = [run.process("producer"), run.process("worker")];
    producer.send(0, { priority: 2 }).ok(0);
    worker.start(0).end(0).accepted(0);
    run.clean([1], producer, worker);
    return run.ledger();
  };
  const ledger = sent([
    { name: "high", weight: 8 },
    { name: "low", weight: 1 },
  ]);
  expect([...ledger.columns.priority]).toEqual([2, 0, 0]);
  expect([0, 1].map((job) => ledger.isExceptional(job))).toEqual([false, false]);
  expect([...sent([]).columns.priority]).toEqual([]);
});

test("what the store says of its time, and the system of its depth, is about no job", () => {
  const run = history();
  run.storeClock(0, 300, 5_000).at(200).depth(7, 20);
  const { mentions, storeClock, depths } = readColumns({ jobs: 1, priorities: [] }, run.ledger().origin, run.sources());
  expect([...mentions]).toEqual([0]);
  expect([...storeClock.at]).toEqual([0, 100e6, 200e6, 300e6]);
  expect([...storeClock.ms].map((ms) => ms - (storeClock.ms[0] ?? 0))).toEqual([0, 100, 200, 300]);
  expect([...storeClock.widthMs]).toEqual([0.2, 0.2, 0.2, 0.2]);
  expect(depths).toEqual([{ from: 180e6, to: 200e6, depth: 7 }]);
});
