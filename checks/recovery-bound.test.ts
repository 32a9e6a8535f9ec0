/** Workers that die. What happens to those that live is in recovery-bound-faults.test.ts. */
import { expect, test } from "vitest";
import { finish, fleet } from "./testing/three-workers.ts";
import type { History } from "../history/testing/history.ts";
import { recoveryBound } from "./recovery-bound.ts";

const judge = (run: History) => recoveryBound.check(run.ledger(), { boundMs: 5_000 });

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

test("a job that never starts again is late as soon as its time is over", () => {
  const held = (drainedAt: number): History => {
    const { run, first } = fleet();
    first.at(1_000).killed();
    return run.at(drainedAt).drain("stuck").place(0, "active");
  };
  expect(judge(held(5_500))).toMatchObject({ verdict: "pass", exposed: 1, counts: { neverRestarted: 1 } });
  expect(judge(held(20_000))).toMatchObject({
    verdict: "fail",
    counts: { never: 1 },
    examples: [{ job: 0, what: expect.stringContaining("had not gone on 19.0 s after its process died") }],
  });
});

test("a job that ended and was settled unseen needs no recovery", () => {
  const { run, first } = fleet();
  first.end(0).killed();
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 0, counts: { neverRestarted: 0 } });
});

test("a death elsewhere adds nothing, unless nobody is left who watched for a lease", () => {
  const { run, first, second, third } = fleet();
  first.at(1_000).killed();
  second.at(5_000).killed();
  third.at(9_500);
  finish(third);
  expect(judge(run)).toMatchObject({ verdict: "fail", exposed: 1, counts: { maxMs: 8_500 } });
  const gone = fleet();
  for (const one of [gone.first, gone.second, gone.third]) one.at(1_000).killed();
  const next = gone.run.at(2_000).process("worker", { slot: 3, spawned: "now" });
  next.at(4_000).killed();
  const last = gone.run.at(4_500).process("worker", { slot: 3, spawned: "now" });
  last.at(9_400);
  finish(last);
  expect(judge(gone.run)).toMatchObject({ verdict: "pass", exposed: 1 });
});

test("judges each owner of a job by itself", () => {
  const { run, first, second, third } = fleet();
  first.at(1_000).killed();
  second.at(5_500).start(0).at(6_000).killed();
  third.at(12_000);
  finish(third);
  expect(judge(run)).toMatchObject({
    verdict: "fail",
    violations: 1,
    exposed: 1,
    counts: { recoveries: 2, maxMs: 6_000 },
  });
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

test("a hand that was taken for a moment is free from then on, though nothing more is begun", () => {
  const { run, producer, first, second, third } = fleet({ concurrency: 1 });
  third.killed();
  producer.at(800).send(1).ok(1);
  second.start(1).end(1).accepted(1);
  first.at(1_000).killed();
  run.at(20_000).drain("stuck").place(0, "active");
  expect(judge(run)).toMatchObject({ verdict: "fail", counts: { never: 1 } });
});

test("a failure that nobody heard leaves the job in the hands of the dead", () => {
  const failed = (killedAt: number): History => {
    const { run, first } = fleet();
    first.at(900).failed(0).at(killedAt).killed();
    return run.at(20_000).drain("stuck");
  };
  expect(judge(failed(1_000).place(0, "active"))).toMatchObject({ verdict: "fail", counts: { never: 1 } });
  expect(judge(failed(1_000).place(0, "delayed"))).toMatchObject({ verdict: "pass", exposed: 0 });
  expect(judge(failed(5_000).place(0, "active"))).toMatchObject({ verdict: "pass", exposed: 0 });
});

test("a failure that nobody heard was not in time where its number is started again too late", () => {
  const again = (attempt: number): History => {
    const { run, first, second } = fleet();
    first.at(900).failed(0).at(1_000).killed();
    second.at(9_000).start(0, { attempt }).end(0, { attempt }).accepted(0);
    return run;
  };
  expect(judge(again(1))).toMatchObject({ verdict: "fail", counts: { late: 1 } });
  expect(judge(again(2))).toMatchObject({ verdict: "pass", exposed: 0 });
});

test("where settlements are not told, who ended his run and died at once may still hold it", () => {
  const ended = (place: "active" | undefined): History => {
    const { run, first } = fleet({ tellsSettlements: false });
    first.at(900).end(0).at(1_000).killed();
    run.at(20_000);
    return place === undefined ? run : run.drain("stuck").place(0, place);
  };
  expect(judge(ended("active"))).toMatchObject({ verdict: "fail", counts: { never: 1 } });
  expect(judge(ended(undefined))).toMatchObject({ verdict: "pass", exposed: 0 });
});
