/** Faults that take work out of hands that go on living, and such as take nothing. */
import { expect, test } from "vitest";
import { boundsOf } from "../history/bounds.ts";
import { finish, fleet, type Fleet } from "./testing/three-workers.ts";
import type { History } from "../history/testing/history.ts";
import { duplicatesExplained } from "./duplicates-explained.ts";
import { noPrematureReclaim } from "./no-premature-reclaim.ts";
import { recoveryBound } from "./recovery-bound.ts";

const judge = (run: History) => recoveryBound.check(run.ledger(), { boundMs: 5_000 });
const cut = (run: History, slot: number) =>
  run.fault("cut", { effect: "cut-off", touches: [`link:worker:${slot}`] }).armed();

test("does not count while the store is away, nor until somebody has watched for a lease since its return", () => {
  const { run, first, second } = fleet();
  first.at(1_000).killed();
  const away = run.at(2_000).fault("store-stop", { effect: "store-away", touches: ["store"] });
  run.at(20_000);
  away.healed();
  second.at(24_000);
  finish(second);
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 1, counts: { maxMs: 5_000 } });
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

test("nor is one that its owner settled late for a reason of its own", () => {
  const { run, first } = fleet();
  const pause = run
    .at(500)
    .fault("pause", { effect: "paused", touches: ["worker:0"] })
    .armed();
  const cutOff = cut(run.at(1_000), 1);
  first.at(1_500).end(0);
  run.at(2_000);
  cutOff.bit().healed();
  run.at(9_000);
  pause.bit().healed();
  first.at(9_001).accepted(0);
  expect(run.ledger().isExceptional(0)).toBe(false);
  const late = judge(run);
  expect(late).toMatchObject({ verdict: "fail", violations: 1 });
  expect(late.verdict === "fail" && late.examples[0]?.what).toContain("pause-1");
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

test("who was refused after his cut had lost the job in it: that it is begun long after is late, and not taken", () => {
  const settled = (isRefused: boolean): History => {
    const { run, first, second } = fleet({ bounds: boundsOf({ recoveryMs: 5_000, retryMs: 0, giveAwayMs: 2_000 }) });
    const fault = cut(run.at(1_000), 0);
    first.end(0);
    run.at(6_000);
    fault.healed();
    if (isRefused) first.at(6_500).settlementRefused(0);
    second.at(40_000);
    finish(second);
    return run;
  };
  const taken = (run: History) => noPrematureReclaim.check(run.ledger(), { causes: ["cut-off"] }).verdict;
  const again = (run: History) => duplicatesExplained.check(run.ledger(), { causes: ["cut-off"] }).verdict;
  expect(judge(settled(true))).toMatchObject({ verdict: "fail", counts: { late: 1, maxMs: 39_000 } });
  expect([taken(settled(true)), again(settled(true))]).toEqual(["pass", "pass"]);
  expect(judge(settled(false))).toMatchObject({ verdict: "pass", exposed: 0 });
  expect([taken(settled(false)), again(settled(false))]).toEqual(["pass", "fail"]);
});

test("who was refused because another was at it has proven nothing for the one who takes it from that one", () => {
  const { run, first, second, third } = fleet({
    bounds: boundsOf({ recoveryMs: 5_000, retryMs: 0, giveAwayMs: 2_000 }),
  });
  const fault = cut(run.at(1_000), 0);
  second.at(4_000).start(0);
  run.at(6_000);
  fault.healed();
  first.end(0).at(6_500).settlementRefused(0);
  third.at(40_000);
  finish(third);
  expect(noPrematureReclaim.check(run.ledger(), { causes: ["cut-off"] })).toMatchObject({
    verdict: "fail",
    violations: 1,
  });
});

test("what was begun while a fault was being armed was in flight", () => {
  const { run, producer, second } = fleet();
  const pause = run.at(1_000).fault("pause", { effect: "paused", touches: ["worker:1"] });
  producer.at(1_050).send(1).ok(1);
  second.start(1);
  run.at(1_100);
  pause.armed().bit();
  run.at(4_000);
  pause.healed();
  second.end(1).settlementRefused(1);
  run.at(20_000).drain("stuck").place(1, "active");
  expect(judge(run)).toMatchObject({ verdict: "fail", counts: { never: 1 } });
});

test("who stood still by himself and was taken for gone had lost the job; who goes on with it himself had not", () => {
  const stalled = (): Fleet => {
    const all = fleet();
    all.run.at(1_000);
    all.first.stalled(7_000);
    all.first.end(0);
    return all;
  };
  const { run, first, second } = stalled();
  first.settlementRefused(0);
  second.at(40_000);
  finish(second);
  expect(judge(run)).toMatchObject({
    verdict: "fail",
    examples: [{ job: 0, what: expect.stringContaining("39.1 s after its process stood still") }],
  });
  const own = stalled();
  own.first.accepted(0);
  expect(judge(own.run)).toMatchObject({ verdict: "pass", exposed: 0 });
});

test("what was begun by one that was cut off already was in his hands all the same", () => {
  const { run, producer, second } = fleet();
  producer.send(1).ok(1);
  const fault = cut(run.at(1_000), 1);
  second.at(1_500).start(1).end(1);
  run.at(8_000);
  fault.healed();
  second.settlementRefused(1);
  run.at(30_000).drain("stuck").place(1, "active");
  expect(judge(run)).toMatchObject({ verdict: "fail", counts: { never: 1 } });
});

test("where settlements are not told, what had ended long before the hit is over, whoever begins it again", () => {
  const again = (endedAt: number) => {
    const { run, first, second } = fleet({ tellsSettlements: false });
    first.at(endedAt).end(0).at(10_000).killed();
    second.at(40_000).start(0).end(0);
    return judge(run).verdict;
  };
  expect([again(2_000), again(9_500)]).toEqual(["pass", "fail"]);
});
