import { expect, test } from "vitest";
import { history, type History, type ScriptedProcess } from "../test/history.ts";
import { recoveryBound } from "./recovery-bound.ts";

const judge = (run: History) => recoveryBound.check(run.ledger(), { boundMs: 5_000 });

interface Fleet {
  readonly run: History;
  readonly producer: ScriptedProcess;
  readonly first: ScriptedProcess;
  readonly second: ScriptedProcess;
  readonly third: ScriptedProcess;
}
/** Job 0 is sent and acknowledged, and started by the first of three workers. */
function fleet(): Fleet {
  const run = history({ jobs: 2 });
  const producer = run.process("producer").send(0).ok(0);
  const [first, second, third] = [0, 1, 2].map((slot) => run.process("worker", { slot }));
  if (first === undefined || second === undefined || third === undefined) throw new Error("three workers");
  first.start(0);
  return { run, producer, first, second, third };
}
const finish = (worker: ScriptedProcess): void => void worker.start(0).end(0).accepted(0);
const cut = (run: History, slot: number) =>
  run.fault("cut", { effect: "cut-off", touches: [`link:worker:${slot}`] }).armed();

test("passes when the job of a killed worker goes on in time", () => {
  const { run, first, second } = fleet();
  first.at(1_000).killed();
  second.at(5_900);
  finish(second);
  expect(judge(run)).toMatchObject({
    verdict: "pass",
    exposed: 1,
    counts: { recoveries: 1, p50Ms: 4_900, maxMs: 4_900 },
  });
});

test("fails when it goes on too late", () => {
  const { run, first, second } = fleet();
  first.at(1_000).killed();
  second.at(7_000);
  finish(second);
  expect(judge(run)).toMatchObject({
    verdict: "fail",
    exposed: 1,
    violations: 1,
    counts: { late: 1, maxMs: 6_000 },
    examples: [{ job: 0, what: expect.stringContaining("6.0 s after its process died") }],
  });
});

test("names the fault, and shows the slowest first", () => {
  const { run, producer, first, second } = fleet();
  producer.send(1).ok(1);
  first.start(1).at(1_000);
  run.fault("worker-kill", { effect: "killed", touches: ["worker:0"] }).armed();
  first.killed();
  second.at(8_000).start(0).end(0).accepted(0).at(9_000).start(1).end(1).accepted(1);
  const verdict = judge(run);
  expect(verdict).toMatchObject({
    verdict: "fail",
    violations: 2,
    examples: [{ job: 1, what: expect.stringContaining("worker-kill") }, { job: 0 }],
  });
});

test("a job that had ended, but was not settled, was still in flight", () => {
  const { run, first, second } = fleet();
  first.end(0).at(1_000).killed();
  second.at(8_000);
  finish(second);
  expect(judge(run)).toMatchObject({ verdict: "fail", counts: { late: 1 } });
});

test("a job that had failed waits for its retry, not for its recovery", () => {
  const { run, first, second } = fleet();
  first.failed(0).at(1_000).killed();
  second.at(9_000).start(0, { attempt: 2 }).end(0, { attempt: 2 }).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 0 });
});

test("a job that never starts again is for others to judge, and is counted", () => {
  const { run, first } = fleet();
  first.at(1_000).killed();
  expect(judge(run.place(0, "active"))).toMatchObject({ verdict: "pass", exposed: 0, counts: { neverRestarted: 1 } });
});

test("a job that ended and was settled unseen needs no recovery", () => {
  const { run, first } = fleet();
  first.end(0).killed();
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 0, counts: { neverRestarted: 0 } });
});

test("counts anew when the next owner may have been killed with it", () => {
  const { run, first, second, third } = fleet();
  first.at(1_000).killed();
  second.at(5_000).killed();
  third.at(9_500);
  finish(third);
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 1, counts: { maxMs: 4_500 } });
});

test("judges each owner of a job by itself", () => {
  const { run, first, second, third } = fleet();
  first.at(1_000).killed();
  second.at(4_000).start(0).at(5_000).killed();
  third.at(11_000);
  finish(third);
  expect(judge(run)).toMatchObject({
    verdict: "fail",
    violations: 1,
    exposed: 1,
    counts: { recoveries: 2, maxMs: 6_000 },
  });
});

test("does not count while the store is away, and begins again with its return", () => {
  const { run, first, second } = fleet();
  first.at(1_000).killed();
  const away = run.at(2_000).fault("store-stop", { effect: "store-away", touches: ["store"] });
  run.at(20_000);
  away.healed();
  second.at(24_000);
  finish(second);
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 1, counts: { maxMs: 4_000 } });
});

test("judges what was in flight when the store went from its return", () => {
  for (const [at, verdict] of [
    [24_000, "pass"],
    [26_000, "fail"],
  ] as const) {
    const { run, second } = fleet();
    const away = run.at(2_000).fault("store-stop", { effect: "store-away", touches: ["store"] });
    run.at(20_000);
    away.healed();
    second.at(at);
    finish(second);
    expect(judge(run)).toMatchObject({ verdict, exposed: 1 });
  }
});

test("judges a job that its owner settles after the store is back, although nothing else happened to it", () => {
  for (const [at, verdict] of [
    [24_000, "pass"],
    [26_000, "fail"],
  ] as const) {
    const { run, first } = fleet();
    const away = run.at(2_000).fault("store-stop", { effect: "store-away", touches: ["store"] });
    first.end(0);
    run.at(20_000);
    away.healed();
    first.at(at).accepted(0);
    expect(run.ledger().isExceptional(0)).toBe(false);
    expect(judge(run)).toMatchObject({ verdict, exposed: 1 });
  }
});

test("judges a job that a cut-off owner settles after the cut, and one that goes on elsewhere", () => {
  for (const [at, verdict] of [
    [5_000, "pass"],
    [9_000, "fail"],
  ] as const) {
    const survived = fleet();
    const first = cut(survived.run.at(1_000), 0);
    survived.first.end(0).at(at - 10);
    first.healed();
    survived.first.at(at).accepted(0);
    expect(survived.run.ledger().isExceptional(0)).toBe(false);
    expect(judge(survived.run)).toMatchObject({ verdict, exposed: 1 });

    const replaced = fleet();
    const second = cut(replaced.run.at(1_000), 0);
    replaced.second.at(at);
    finish(replaced.second);
    second.healed();
    replaced.first.end(0).settlementRefused(0);
    expect(judge(replaced.run)).toMatchObject({ verdict, exposed: 1 });
  }
});

test("a job on a worker with whole links is not hit by the cut of another", () => {
  const { run, first } = fleet();
  const other = cut(run.at(1_000), 1);
  first.at(20_000).end(0).accepted(0);
  run.at(30_000);
  other.healed();
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 0 });
});

test("is unknown when an earlier start may be missing", () => {
  const { run, first, second, third } = fleet();
  first.at(1_000).killed();
  second.gap();
  third.at(9_000);
  finish(third);
  expect(judge(run)).toMatchObject({ verdict: "unknown", counts: { unsure: 1 } });
});

test("a run that had ended before the cut may have been settled before it: counts from the end of the cut", () => {
  for (const [endedAt, verdict] of [
    [990, "pass"],
    [1_500, "fail"],
  ] as const) {
    const { run, first } = fleet();
    first.at(endedAt).end(0);
    const fault = cut(run.at(1_000), 0);
    run.at(11_000);
    fault.healed();
    first.at(11_100).accepted(0);
    expect(run.ledger().isExceptional(0)).toBe(false);
    expect(judge(run)).toMatchObject({ verdict, exposed: 1 });
  }
});

test("a paused owner counts from the beginning, whether another goes on or itself", () => {
  for (const [at, verdict] of [
    [5_900, "pass"],
    [7_000, "fail"],
  ] as const) {
    const { run, first, second } = fleet();
    const pause = run
      .at(1_000)
      .fault("pause", { effect: "paused", touches: ["worker:0"] })
      .armed();
    second.at(at);
    finish(second);
    run.at(20_000);
    pause.healed();
    first.end(0).settlementRefused(0);
    expect(judge(run)).toMatchObject({ verdict, exposed: 1, counts: { maxMs: at - 1_000 } });
  }
  const { run, first } = fleet();
  first.end(0);
  const pause = run
    .at(1_000)
    .fault("pause", { effect: "paused", touches: ["worker:0"] })
    .armed();
  run.at(20_000);
  pause.healed();
  first.at(20_050).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 1, counts: { maxMs: 50 } });
});

test("a worker that hears nothing looks alive to all others: counts from the end", () => {
  for (const [at, verdict] of [
    [24_000, "pass"],
    [26_000, "fail"],
  ] as const) {
    const { run, first, second } = fleet();
    const deaf = run
      .at(1_000)
      .fault("replies-lost", { effect: "reply-lost", touches: ["link:worker:0"] })
      .armed();
    run.at(20_000);
    deaf.healed();
    second.at(at);
    finish(second);
    first.end(0).settlementRefused(0);
    expect(judge(run)).toMatchObject({ verdict, exposed: 1 });
  }
});

test.each(["slow", "clock-bent", "asked-to-stop"] as const)("%s takes nothing out of anyone's hands", (effect) => {
  const { run, first } = fleet();
  const fault = run
    .at(1_000)
    .fault("f", { effect, touches: ["worker:0"] })
    .armed();
  run.at(20_000);
  fault.healed();
  first.at(30_000).end(0).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 0 });
});

test("time without any worker does not count", () => {
  for (const [at, verdict] of [
    [33_900, "pass"],
    [36_000, "fail"],
  ] as const) {
    const { run, first, second, third } = fleet();
    first.at(1_000).killed();
    second.killed();
    third.killed();
    run.at(30_000);
    const next = run.process("worker", { spawned: "now" });
    next.at(at);
    finish(next);
    expect(judge(run)).toMatchObject({ verdict, exposed: 1 });
  }
});

test("a second loss of the same job may take longer, where the system says so; the first may not", () => {
  const twice = (firstMs: number, secondMs: number) => {
    const { run, first, second, third } = fleet();
    first.at(1_000).killed();
    second
      .at(1_000 + firstMs)
      .start(0)
      .at(10_000)
      .killed();
    third.at(10_000 + secondMs);
    finish(third);
    return recoveryBound.check(run.ledger(), { boundMs: 5_000, againMs: 8_000 });
  };
  expect(twice(4_900, 7_900)).toMatchObject({ verdict: "pass", counts: { recoveries: 2, again: 1 } });
  expect(twice(4_900, 8_100)).toMatchObject({ verdict: "fail", counts: { late: 1 } });
  expect(twice(5_100, 4_900)).toMatchObject({ verdict: "fail", counts: { late: 1 } });
});
