import { expect, test } from "vitest";
import type { RunFacts } from "../history/ledger.ts";
import { history } from "../history/testing/history.ts";
import { measures } from "./index.ts";

/** The histogram keeps three digits. */
const about = (ms: number): unknown => expect.closeTo(ms, ms >= 1_000 ? -1 : 1);

test("latencies count from the intended time, however late the job was sent", () => {
  const run = history({ jobs: 1 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.at(3_000).send(0, { intended: 1_000 }).at(3_010).ok(0);
  worker.at(3_500).start(0).at(3_700).end(0).at(3_710).accepted(0);
  const ledger = run.ledger();
  const enqueue = measures["enqueue-latency"].measure(ledger);
  expect(enqueue.summary?.max).toEqual(about(2_010));
  expect(enqueue.parts["uncorrected"]?.summary?.max).toEqual(about(10));
  expect(measures["wait-latency"].measure(ledger).summary?.max).toEqual(about(2_500));
  expect(measures["end-to-end-latency"].measure(ledger).summary?.max).toEqual(about(2_710));
  expect(measures.lateness.measure(ledger).summary?.max).toEqual(about(2_000));
});

test("a job with a delay is waited for from when that is over", () => {
  const run = history();
  run.process("producer").at(1_000).send(0, { delayMs: 2_000 }).ok(0);
  run.process("worker").at(3_500).start(0).at(3_700).end(0).accepted(0);
  const ledger = run.ledger();
  expect(measures["wait-latency"].measure(ledger).summary?.max).toEqual(about(500));
  expect(measures["end-to-end-latency"].measure(ledger).summary?.max).toEqual(about(701));
  expect(measures["latency-over-time"].measure(ledger).lines.max[1]).toEqual(about(701));
});

test("ends at the last end where settlements are not told, or were lost with the worker", () => {
  for (const tellsSettlements of [true, false]) {
    const run = history({ tellsSettlements });
    run.process("producer").send(0).ok(0);
    run.process("worker").at(500).start(0).at(800).end(0).killed();
    expect(measures["end-to-end-latency"].measure(run.ledger()).summary?.max).toEqual(about(800));
  }
});

test("splits by priority, where there are any", () => {
  const measured = (priorities: RunFacts["priorities"]) => {
    const run = history({ jobs: 3, priorities });
    const [producer, worker] = [run.process("producer"), run.process("worker")];
    for (const [job, priority] of [2, 1, 2].entries()) producer.at(0).send(job, { priority }).ok(job);
    for (const [job, ms] of [100, 20, 300].entries()) worker.at(ms).start(job).end(job).accepted(job);
    const ledger = run.ledger();
    return [measures["wait-latency"].measure(ledger), measures["end-to-end-latency"].measure(ledger)] as const;
  };
  const [waited, finished] = measured([
    { name: "high", weight: 3 },
    { name: "low", weight: 1 },
  ]);
  expect(waited.parts["priority high"]?.summary).toMatchObject({ count: 1, max: about(20) });
  expect(waited.parts["priority low"]?.summary).toMatchObject({ count: 2, min: about(100), max: about(300) });
  expect(finished.parts["priority low"]?.summary).toMatchObject({ count: 2, max: about(302) });
  expect(measured([]).map(({ parts }) => Object.keys(parts))).toEqual([["uncorrected"], ["uncorrected"]]);
});

test("splits by the faults, by intended time", () => {
  const run = history({ jobs: 4 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([0], producer, worker);
  const fault = run.at(1_000).fault("f", { effect: "cut-off", touches: ["link:worker:0"] });
  run.clean([1, 2], producer, worker);
  run.at(2_000);
  fault.healed();
  run.clean([3], producer, worker);
  const { parts, summary } = measures["wait-latency"].measure(run.ledger());
  expect(Object.entries(parts).map(([name, part]) => [name, part.summary?.count])).toEqual([
    ["before faults", 1],
    ["during faults", 2],
    ["after faults", 1],
    ["uncorrected", 4],
  ]);
  expect(summary?.count).toBe(4);
});

test("is one part where there were no faults", () => {
  const run = history();
  run.clean([0], run.process("producer"), run.process("worker"));
  expect(measures["run-latency"].measure(run.ledger()).parts).toEqual({});
  expect(Object.keys(measures["wait-latency"].measure(run.ledger()).parts)).toEqual(["uncorrected"]);
});

test("throughput counts what was offered, acknowledged, started and done in each second", () => {
  const run = history({ jobs: 2 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.at(100).send(0).ok(0).send(1).ok(1);
  worker.at(1_100).start(0).end(0).accepted(0).at(2_100).start(1).end(1).accepted(1);
  const { at, lines } = measures.throughput.measure(run.ledger());
  expect(at.slice(0, 3)).toEqual([0, 1, 2]);
  expect(Object.fromEntries(Object.entries(lines).map(([name, line]) => [name, line.slice(0, 3)]))).toEqual({
    offered: [2, 0, 0],
    acknowledged: [2, 0, 0],
    started: [0, 1, 1],
    done: [0, 1, 1],
  });
});

test("throughput counts a job once, when it was done, and no dead letter", () => {
  const run = history({ jobs: 2, attempts: 1 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  const other = run.process("worker", { slot: 1 });
  producer.at(100).send(0).ok(0).send(1).ok(1);
  worker.at(1_100).start(0).end(0).accepted(0).start(1).failed(1).accepted(1, { as: "dead" });
  other.at(2_100).start(0).end(0).accepted(0);
  const { lines } = measures.throughput.measure(run.place(1, "dead").ledger());
  expect([lines.started.slice(0, 3), lines.done.slice(0, 3)]).toEqual([
    [0, 2, 1],
    [0, 1, 0],
  ]);
});

test("a run's latency is that of the handler alone, each run for itself, in the phase in which it began", () => {
  const run = history({ jobs: 3 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  for (const job of [0, 1, 2]) producer.send(job).ok(job);
  worker.at(1_000).start(0).at(1_200).end(0).accepted(0);
  const kill = run.at(2_000).fault("kill", { effect: "killed", touches: ["worker:0"] });
  worker
    .at(2_100)
    .start(1)
    .at(2_150)
    .failed(1)
    .at(2_500)
    .start(1, { attempt: 2 })
    .start(2)
    .at(2_900)
    .end(1, { attempt: 2 });
  worker.accepted(1, { attempt: 2 }).at(3_000).killed();
  kill.healed();
  // The run that was cut short is no run of a handler: the job went on.
  run.process("worker", { slot: 1 }).at(4_000).start(2).at(4_300).end(2).accepted(2);
  const { summary, parts } = measures["run-latency"].measure(run.ledger());
  expect(summary).toMatchObject({ count: 4, censored: 0, min: about(50), max: about(400) });
  expect(parts["before faults"]?.summary).toMatchObject({ count: 1, max: about(200) });
  expect(parts["during faults"]?.summary?.count).toBe(2);
});

test.each([true, false])("the backlog rises and comes back to nothing (settlements told: %s)", (tellsSettlements) => {
  const run = history({ jobs: 3, attempts: 1, tellsSettlements });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.at(100).send(0).ok(0).send(1).ok(1).send(2).unknown(2);
  worker.at(1_100).start(0).end(0);
  if (tellsSettlements) worker.accepted(0);
  worker.at(2_100).start(2).start(1).failed(1).end(2);
  if (tellsSettlements) worker.accepted(1, { as: "dead" }).accepted(2);
  run.at(3_000).place(1, "dead");
  const { lines } = measures.backlog.measure(run.ledger());
  const total = [0, 1, 2].map((second) => Object.values(lines).reduce((sum, line) => sum + (line[second] ?? 0), 0));
  expect(total).toEqual([2, 1, 0]);
});

test("the backlog tells whose hands a job is in", () => {
  const run = history({ jobs: 3 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  const other = run.process("worker", { slot: 1 });
  for (const job of [0, 1]) producer.send(job).ok(job);
  worker.at(1_100).start(0).start(1).at(2_100).failed(1).at(3_100).killed();
  other.at(4_100).start(0).start(1, { attempt: 2 }).at(5_100).end(0).accepted(0).end(1).accepted(1);
  const { lines } = measures.backlog.measure(run.ledger());
  expect(Object.fromEntries(Object.entries(lines).map(([state, line]) => [state, line.slice(0, 6)]))).toEqual({
    waiting: [2, 0, 0, 0, 0, 0],
    delayed: [0, 0, 0, 0, 0, 0],
    active: [0, 2, 1, 0, 2, 0],
    stranded: [0, 0, 0, 1, 0, 0],
    retrying: [0, 0, 1, 1, 0, 0],
  });
});

test("what the system says of its depth stands beside what is on record", () => {
  const run = history({ jobs: 2 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.at(100).send(0).ok(0).send(1).ok(1);
  worker.at(1_100).start(0).end(0).accepted(0);
  run.at(2_500);
  const ledger = run.ledger();
  expect(measures.depth.measure(ledger).lines).toEqual({});
  const depths = [
    { from: 0.4e9, to: 0.5e9, depth: 2 },
    { from: 1.9e9, to: 2e9, depth: 7 },
  ];
  const { lines } = measures.depth.measure({ ...ledger, depths });
  expect(lines["the record"]?.slice(0, 3)).toEqual([2, 1, 1]);
  expect(lines["the system"]?.slice(0, 3)).toEqual([2, null, 7]);
});

test("the load over time shows where the generator fell behind", () => {
  const run = history({ jobs: 3 });
  const producer = run.process("producer");
  producer.at(500).send(0).at(2_500).send(1, { intended: 600 }).send(2, { intended: 2_400 });
  const ledger = run.ledger();
  const { lines } = measures["load-over-time"].measure(ledger);
  expect([lines.planned.slice(0, 3), lines.sent.slice(0, 3)]).toEqual([
    [2, 0, 1],
    [1, 0, 2],
  ]);
  const late = measures["lateness-over-time"].measure(ledger).lines.max;
  expect([late[0], late[1]]).toEqual([about(1_900), null]);
});

test("latency over time belongs to the second of the intended time", () => {
  const run = history({ jobs: 3 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.at(0).send(0, { intended: 100 }).ok(0).send(1, { intended: 200 }).ok(1).send(2, { intended: 2_500 }).ok(2);
  worker.at(300).start(0).end(0).at(400).accepted(0);
  worker.at(5_000).start(1).end(1).at(5_200).accepted(1);
  worker.at(5_500).start(2).end(2).at(5_600).accepted(2);
  const { lines } = measures["latency-over-time"].measure(run.ledger());
  expect(lines.p50[0]).toEqual(about(300));
  expect(lines.max[0]).toEqual(about(5_000));
  expect(lines.p99[1]).toBeNull();
  expect(lines.max[2]).toEqual(about(3_100));
});

test("workers alive shows a gap shorter than a second", () => {
  const run = history();
  run.process("producer");
  run.process("worker", { slot: 0 });
  run.process("worker", { slot: 1 }).at(1_300).killed();
  run.at(1_600).process("worker", { slot: 1, spawned: "now" });
  run.at(3_500);
  // All are sent home at the end.
  expect(measures["workers-alive"].measure(run.ledger()).lines.workers).toEqual([2, 1, 2, 2]);
});

test("recovery time tells, for each fault, when the first and the last affected job went on", () => {
  const run = history({ jobs: 3 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  const other = run.process("worker", { slot: 1 });
  for (const job of [0, 1, 2]) producer.send(job).ok(job);
  worker.start(0).start(1).start(2);
  const kill = run
    .at(1_000)
    .fault("worker-kill", { effect: "killed", touches: ["worker:0"] })
    .armed();
  worker.at(1_010).killed();
  kill.bit();
  for (const [job, at] of [
    [0, 3_010],
    [1, 4_010],
    [2, 7_010],
  ] as const)
    other.at(at).start(job).end(job).accepted(job);
  run.fault("idle", { effect: "killed", touches: ["worker:0"] });
  const { rows } = measures["recovery-time"].measure(run.ledger());
  expect(rows).toEqual([
    {
      incident: "worker-kill-1",
      fault: "worker-kill",
      exposed: 3,
      open: 0,
      atLeast: [],
      first: 2_000,
      p50: 3_000,
      last: 6_000,
    },
    { incident: "idle-2", fault: "idle", exposed: 0, open: 0, atLeast: [], first: null, p50: null, last: null },
  ]);
});

test("processor time is told in percent of a core, second by second, from whatever samples there are", () => {
  const run = history({ jobs: 1 });
  run.process("producer").send(0).ok(0);
  run.process("worker", { slot: 0 });
  run.process("worker", { slot: 1 });
  run.at(4_500);
  const used = new Map([
    [1, { at: [-0.5e9, 0.5e9, 2.5e9], micros: [100_000, 600_000, 1_000_000] }],
    [2, { at: [0, 1e9, 2e9], micros: [1, 900_001, 1_000_001] }],
    [3, { at: [0, 1e9, 2e9], micros: [1, 100_001, 1_000_001] }],
  ]);
  const { lines } = measures.cpu.measure({ ...run.ledger(), processorTime: used });
  const percent = (name: string): readonly (number | null)[] =>
    (lines[name] ?? []).slice(0, 4).map((value) => (value === null ? null : Math.round(value)));
  expect(Object.keys(lines)).toEqual(["producer 0", "busiest worker", "mean worker"]);
  expect(percent("producer 0")).toEqual([35, 20, 20, null]);
  expect(percent("busiest worker")).toEqual([90, 90, null, null]);
  expect(percent("mean worker")).toEqual([50, 50, null, null]);
});

test("a run of before processor time was recorded has none", () => {
  const run = history();
  run.clean([0], run.process("producer"), run.process("worker"));
  expect(measures.cpu.measure(run.ledger()).lines).toEqual({});
});
