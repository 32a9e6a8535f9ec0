/** What never ended is not left out: the worst that a queue can do would make its figures better. */
import { expect, test } from "vitest";
import type { RunFacts } from "../history/ledger.ts";
import { history, type History } from "../history/testing/history.ts";
import { measures } from "./index.ts";

const about = (ms: number): unknown => expect.closeTo(ms, -2);

function measured(run: History) {
  const ledger = run.ledger();
  return {
    "enqueue-latency": measures["enqueue-latency"].measure(ledger),
    "wait-latency": measures["wait-latency"].measure(ledger),
    "run-latency": measures["run-latency"].measure(ledger),
    "end-to-end-latency": measures["end-to-end-latency"].measure(ledger),
    lateness: measures.lateness.measure(ledger),
  };
}

/** By measure, how many count and how many of them with their age alone. */
const counts = (run: History): readonly (readonly [number, number])[] =>
  Object.values(measured(run)).map(({ summary }) => [summary?.count ?? 0, summary?.censored ?? 0]);

function crew(facts: Partial<RunFacts> = {}) {
  const run = history(facts);
  return { run, producer: run.process("producer"), worker: run.process("worker") };
}

test("a job that nobody ever starts counts with its age at the end of the drain", () => {
  const { run, producer, worker } = crew({ jobs: 100 });
  run.clean(
    Array.from({ length: 98 }, (_, job) => job),
    producer,
    worker,
  );
  producer.at(1_000).send(98).ok(98).send(99).ok(99);
  run.at(16_000).place(98, "waiting").phase("heal").phase("drain").at(21_000).drain("stuck", 5);
  const all = measured(run.at(60_000));
  for (const name of ["wait-latency", "end-to-end-latency"] as const) {
    const { summary, parts, hgrm } = all[name];
    expect(summary, name).toMatchObject({ count: 100, censored: 2, max: about(20_000), p99: about(20_000) });
    expect(summary?.p50).toBeLessThan(5);
    expect(summary?.atLeast).toEqual(["mean", "p99", "p999", "p9999", "max"]);
    expect(parts["uncorrected"]?.summary).toMatchObject({ count: 100, censored: 2 });
    expect(hgrm).toContain("#[Censored: 2 of 100");
  }
  expect(all["enqueue-latency"].summary).toMatchObject({ count: 100, censored: 0 });
});

test("it shows in the second in which it was to be enqueued", () => {
  const { run, producer } = crew({ jobs: 2 });
  producer.at(1_500).send(0).ok(0).at(3_500).send(1).ok(1);
  run.at(10_000);
  const { lines } = measures["latency-over-time"].measure(run.ledger());
  expect([1, 2, 3].map((second) => lines.max[second])).toEqual([about(8_500), null, about(6_500)]);
});

test("it counts in its own part: that of its phase, and that of its priority", () => {
  const { run, producer } = crew({ jobs: 2, priorities: [{ name: "high", weight: 1 }] });
  producer.send(0, { priority: 1 }).ok(0);
  const fault = run.at(1_000).fault("f", { effect: "cut-off", touches: ["link:worker:0"] });
  producer.send(1, { priority: 1 }).ok(1);
  fault.healed();
  const { parts } = measures["wait-latency"].measure(run.at(9_000).ledger());
  for (const [name, censored] of [
    ["before faults", 1],
    ["during faults", 1],
    ["priority high", 2],
  ] as const)
    expect(parts[name]?.summary, name).toMatchObject({ count: censored, censored, p50: expect.any(Number) });
});

test("what the system never took charge of is not waited for, nor what is not due", () => {
  const { run, producer } = crew({ jobs: 4 });
  producer.send(0).refused(0).send(1).unknown(1).send(2);
  producer.send(3, { delayMs: 60_000 }).ok(3);
  // Only an answer is waited for: to the end, or until the client gave up. A refusal is one.
  expect(counts(run.at(5_000))).toEqual([
    [3, 2],
    [0, 0],
    [0, 0],
    [0, 0],
    [4, 0],
  ]);
});

test("an unanswered enqueue whose job was seen is waited for as any other", () => {
  const { run, producer } = crew({ jobs: 1 });
  producer.send(0).unknown(0);
  expect(counts(run.at(5_000).place(0, "waiting"))).toEqual([
    [1, 1],
    [1, 1],
    [0, 0],
    [1, 1],
    [1, 0],
  ]);
});

test("who gave up had waited that long; whom a fault took away is not heard any more", () => {
  const gaveUp = crew({ jobs: 1 });
  gaveUp.producer.send(0).at(5_000).unknown(0);
  expect(measured(gaveUp.run.at(30_000))["enqueue-latency"].summary).toMatchObject({ censored: 1, max: about(5_000) });

  const unheard = crew({ jobs: 1 });
  unheard.producer.send(0);
  expect(measured(unheard.run.at(30_000))["enqueue-latency"].summary).toMatchObject({ max: about(30_000) });

  const killed = crew({ jobs: 1 });
  killed.producer.send(0);
  killed.run.at(1_000).fault("producer-kill", { effect: "killed", touches: ["producer:0"] });
  killed.producer.killed();
  expect(measured(killed.run.at(30_000))["enqueue-latency"].summary).toBeUndefined();
});

test("a dead letter has had its end, whoever tells of it", () => {
  for (const tellsSettlements of [true, false]) {
    const { run, producer, worker } = crew({ jobs: 1, attempts: 1, tellsSettlements });
    producer.send(0).ok(0);
    worker.at(2_000).start(0).at(3_000).failed(0);
    run.at(20_000).place(0, "dead");
    const { summary } = measured(run)["end-to-end-latency"];
    expect(summary, String(tellsSettlements)).toMatchObject({ count: 1, censored: 0, max: about(3_000) });
    expect(measures.throughput.measure(run.ledger()).lines.done.reduce((sum, one) => sum + one)).toBe(0);
    const { lines } = measures.backlog.measure(run.ledger());
    expect(Object.values(lines).map((line) => line[10])).toEqual([0, 0, 0, 0, 0]);
  }
});

test("a poisonous one is dead of its last run, which ended with its process", () => {
  const { run, producer, worker } = crew({ jobs: 1, attempts: 1, tellsSettlements: false });
  producer.send(0).ok(0);
  worker.at(2_000).start(0).at(4_000).killed();
  const { summary } = measured(run.at(20_000).place(0, "dead"))["end-to-end-latency"];
  expect(summary).toMatchObject({ count: 1, censored: 0, max: about(4_000) });
});

test("a handler that hangs counts, also where its worker had to be killed in the end", () => {
  for (const end of ["lives", "sent home"] as const) {
    const { run, producer, worker } = crew({ jobs: 1 });
    producer.send(0).ok(0);
    worker.at(1_000).start(0);
    // Someone else has done it meanwhile: the run hangs all the same.
    run.process("worker", { slot: 1 }).at(6_000).start(0).end(0).accepted(0);
    run.at(10_000).phase("heal").phase("drain").at(11_000).drain("drained", 1);
    if (end === "sent home") worker.at(15_000).killed();
    const { summary } = measured(run.at(16_000))["run-latency"];
    expect(summary, end).toMatchObject({ count: 2, censored: 1, max: about(10_000) });
  }
});

test("a run that a kill cut short counts where nobody went on with the job", () => {
  const left = crew({ jobs: 1 });
  left.producer.send(0).ok(0);
  left.worker.at(1_000).start(0).at(3_000).killed();
  const alone = measured(left.run.at(20_000).place(0, "active"))["run-latency"];
  expect(alone.summary).toMatchObject({ count: 1, censored: 1, max: about(2_000) });

  const taken = crew({ jobs: 1 });
  taken.producer.send(0).ok(0);
  taken.worker.at(1_000).start(0).at(3_000).killed();
  taken.run.process("worker", { slot: 1 }).at(9_000).start(0).at(9_500).end(0).accepted(0);
  expect(measured(taken.run)["run-latency"].summary).toMatchObject({ count: 1, censored: 0, max: about(500) });
});

test("the broken queue does not look better than the sound one", () => {
  const p99 = (blocked: boolean): number => {
    const { run, producer, worker } = crew({ jobs: 1_000 });
    for (let job = 0; job < 1_000; job++) {
      producer.at(job).send(job).ok(job);
      if (job < 950)
        worker
          .at(job + 20)
          .start(job)
          .end(job)
          .accepted(job);
    }
    // The last fifty wait for 15 s, or for ever.
    const late = blocked ? [] : Array.from({ length: 50 }, (_, job) => 950 + job);
    for (const job of late) worker.at(16_000).start(job).end(job).accepted(job);
    return measures["end-to-end-latency"].measure(run.at(90_000).ledger()).summary?.p99 ?? 0;
  };
  expect(p99(true)).toBeGreaterThan(p99(false));
});

test.each([
  [3, []],
  [2, ["last"]],
  [1, ["p50", "last"]],
  [0, ["first", "p50", "last"]],
])("of three jobs that a kill caught %i went on: the others count with what they have waited", (went, atLeast) => {
  const { run, producer, worker } = crew({ jobs: 3 });
  const other = run.process("worker", { slot: 1 });
  for (const job of [0, 1, 2]) producer.send(job).ok(job);
  worker.start(0).start(1).start(2);
  const kill = run.at(1_000).fault("worker-kill", { effect: "killed", touches: ["worker:0"] });
  kill.armed();
  worker.at(1_010).killed();
  kill.bit();
  for (let job = 0; job < went; job++)
    other
      .at(3_000 + job)
      .start(job)
      .end(job)
      .accepted(job);
  run.at(60_000);
  for (let job = went; job < 3; job++) run.place(job, "active");
  const [row] = measures["recovery-time"].measure(run.at(61_000).ledger()).rows;
  expect(row).toMatchObject({ exposed: 3, open: 3 - went, atLeast });
  if (went < 3) expect(row?.last).toBeGreaterThan(50_000);
  if (went > 0) expect(row?.first).toBeLessThan(2_100);
});
