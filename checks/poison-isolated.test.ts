import { expect, test } from "vitest";
import { killsItsWorker } from "../history/record.ts";
import { history, type History } from "../history/testing/history.ts";
import { poisonIsolated } from "./poison-isolated.ts";

const judge = (run: History) => poisonIsolated.check(run.ledger(), { deliveries: 3 });

/** Job 0 takes that many workers along, one after the other. */
function poisoned(times: number): History {
  const run = history({ jobs: 2 });
  run.process("producer").send(0, { plannedFailures: killsItsWorker }).ok(0);
  for (let n = 0; n < times; n++)
    run
      .at(1_000 * (n + 1))
      .process("worker", { spawned: "now" })
      .start(0)
      .killed();
  return run;
}

test("passes when it is dead after as many runs as are promised", () => {
  expect(judge(poisoned(3).place(0, "dead"))).toMatchObject({
    verdict: "pass",
    exposed: 1,
    counts: { killers: 1, kills: 3 },
  });
});

test("fails when it is dead sooner, or went on after that", () => {
  expect(judge(poisoned(2).place(0, "dead"))).toMatchObject({
    verdict: "fail",
    counts: { tooSoon: 1 },
    examples: [{ job: 0, what: expect.stringContaining("dead after 2 starts") }],
  });
  expect(judge(poisoned(4).place(0, "dead"))).toMatchObject({
    verdict: "fail",
    counts: { tooOften: 1 },
    examples: [{ job: 0, what: expect.stringContaining("took 4 processes along") }],
  });
});

test("where the terms leave room, anything between the two numbers is right", () => {
  const within = (run: History) => poisonIsolated.check(run.ledger(), { deliveries: 3, fewest: 2 });
  expect(within(poisoned(1).place(0, "dead"))).toMatchObject({ verdict: "fail", counts: { tooSoon: 1 } });
  expect(within(poisoned(2).place(0, "dead"))).toMatchObject({ verdict: "pass" });
  expect(within(poisoned(3).place(0, "dead"))).toMatchObject({ verdict: "pass" });
  expect(within(poisoned(4).place(0, "dead"))).toMatchObject({ verdict: "fail", counts: { tooOften: 1 } });
});

test("what else ended its worker is not put down to it", () => {
  const run = poisoned(3);
  const worker = run.at(5_000).process("worker", { spawned: "now" }).start(0);
  run.fault("worker-kill", { effect: "killed", touches: ["worker:0"] }).armed();
  worker.killed();
  expect(judge(run.place(0, "dead"))).toMatchObject({ verdict: "pass", counts: { kills: 3 } });
});

test("of two in one process, nobody knows which it was", () => {
  const run = history({ jobs: 2 });
  const producer = run.process("producer");
  for (const job of [0, 1]) producer.send(job, { plannedFailures: killsItsWorker }).ok(job);
  for (let n = 0; n < 4; n++) run.process("worker", { spawned: "now" }).start(0).start(1).killed();
  run.place(0, "dead").place(1, "dead");
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 2, counts: { kills: 0 } });
  const bounded = (starts: number) => poisonIsolated.check(run.ledger(), { deliveries: 3, starts });
  expect(bounded(4)).toMatchObject({ verdict: "pass" });
  expect(bounded(3)).toMatchObject({ verdict: "fail", counts: { startedTooOften: 2 } });
});

test("leaves what is lost, held or dead without a start to others", () => {
  expect(judge(poisoned(2))).toMatchObject({ verdict: "pass" });
  expect(judge(poisoned(2).place(0, "active"))).toMatchObject({ verdict: "pass" });
  expect(judge(poisoned(0).place(0, "dead"))).toMatchObject({ verdict: "pass" });
});

test("is unknown when starts may be missing", () => {
  const run = poisoned(2);
  run.process("worker", { spawned: "now" }).gap().start(1);
  expect(judge(run.place(0, "dead"))).toMatchObject({ verdict: "unknown", counts: { unsure: 1 } });
});

test("a process that had lost the job in a silence, and does not know, is taken along beside the count", () => {
  const stale = (slot: number, pausedMs: number): History => {
    const run = history({ jobs: 2 });
    const first = run.process("worker");
    run.process("producer").send(0, { plannedFailures: killsItsWorker }).ok(0);
    const pause = run
      .at(1_000)
      .fault("pause", { effect: "paused", touches: [`worker:${slot}`] })
      .armed();
    run.at(1_000 + pausedMs);
    pause.healed();
    first
      .start(0)
      .at(1_100 + pausedMs)
      .killed();
    for (let n = 0; n < 3; n++)
      run
        .at(8_000 + 1_000 * n)
        .process("worker", { spawned: "now" })
        .start(0)
        .killed();
    return run.place(0, "dead");
  };
  expect(judge(stale(0, 6_000))).toMatchObject({ verdict: "pass", counts: { kills: 3 } });
  // Another was silent, or nobody for long enough to lose anything.
  expect(judge(stale(7, 6_000))).toMatchObject({ verdict: "fail", counts: { tooOften: 1 } });
  expect(judge(stale(0, 2_000))).toMatchObject({ verdict: "fail", counts: { tooOften: 1 } });
});
