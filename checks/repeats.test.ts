/**
 * The checks that share the partition of repeats (history/repeats.ts), each by itself; checks/repeats-one-bug.test.ts
 * has them together.
 */
import { expect, test } from "vitest";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import { fleet as atWork } from "./testing/three-workers.ts";
import { attemptsExact } from "./attempts-exact.ts";
import { duplicatesExplained } from "./duplicates-explained.ts";
import { fenced } from "./fenced.ts";
import { noPrematureReclaim } from "./no-premature-reclaim.ts";
import { oneVerdict } from "./one-verdict.ts";

const judge = {
  fenced: (run: History) => fenced.check(run.ledger(), {}),
  premature: (run: History, terms = noPrematureReclaim.neutral) => noPrematureReclaim.check(run.ledger(), terms),
  verdicts: (run: History) => oneVerdict.check(run.ledger(), {}),
};

interface Fleet {
  readonly run: History;
  readonly first: ScriptedProcess;
  readonly second: ScriptedProcess;
}
/** Job 0 is sent and acknowledged; two workers wait. */
function fleet(): Fleet {
  const run = history();
  run.process("producer").send(0).ok(0);
  return { run, first: run.process("worker", { slot: 0 }), second: run.process("worker", { slot: 1 }) };
}
/** The first worker runs job 0 and is paused for 10 s; the second takes it over after 6 s. */
function takenOver(): Fleet {
  const { run, first, second } = fleet();
  first.start(0);
  const pause = run
    .at(1_000)
    .fault("pause", { effect: "paused", touches: ["worker:0"] })
    .armed();
  second.at(7_000).start(0);
  run.at(11_000);
  pause.bit().healed();
  return { run, first, second };
}

test("fenced: passes when the stale word is refused, exposed to each job whose loser lived on", () => {
  const { run, first, second } = takenOver();
  first.end(0).settlementRefused(0);
  second.end(0).accepted(0);
  expect(judge.fenced(run)).toMatchObject({ verdict: "pass", judged: 1 });
  const killed = fleet();
  killed.first.start(0).killed();
  killed.second.start(0).end(0).accepted(0);
  expect(judge.fenced(killed.run)).toMatchObject({ verdict: "pass", judged: 0 });
});

test("fenced: fails when it is accepted, with the job's life", () => {
  const { run, first, second } = takenOver();
  first.end(0).accepted(0);
  second.end(0).settlementRefused(0);
  expect(judge.fenced(run)).toMatchObject({
    verdict: "fail",
    judged: 1,
    violations: 1,
    counts: { settledByStale: 1 },
    examples: [
      {
        job: 0,
        what: expect.stringMatching(
          /taken over by process 3 7\.0 s into its run by process 2, which settled it 4\.0 s/,
        ),
        life: expect.arrayContaining([expect.objectContaining({ kind: "accepted" })]),
      },
    ],
  });
});

test("fenced: an owner that settles before anyone else starts it may hear of it late", () => {
  const { run, first } = fleet();
  first.start(0).end(0);
  const pause = run
    .at(1_000)
    .fault("pause", { effect: "paused", touches: ["worker:0"] })
    .armed();
  run.at(11_000);
  pause.healed();
  first.accepted(0);
  expect(judge.fenced(run)).toMatchObject({ verdict: "pass", judged: 0 });
});

test("fenced: the owner that has it now is not stale because one that had it first goes on late", () => {
  const { run, first, second } = fleet();
  first.stalled(6_000);
  second.at(5_000).start(0);
  run.fault("cut", { effect: "cut-off", touches: ["link:worker:1"] }).healed();
  first.at(6_100).start(0);
  second.end(0).accepted(0);
  first.end(0).settlementRefused(0);
  expect(judge.fenced(run)).toMatchObject({ verdict: "pass" });
  expect(judge.verdicts(run)).toMatchObject({ verdict: "pass" });
});

test("one-verdict: passes on one, also when it is told twice, and fails on two", () => {
  const { run, first, second } = fleet();
  first.start(0).end(0).accepted(0).accepted(0);
  expect(judge.verdicts(run)).toMatchObject({ verdict: "pass", judged: 1 });
  second.start(0).end(0).accepted(0);
  expect(judge.verdicts(run)).toMatchObject({
    verdict: "fail",
    violations: 1,
    counts: { verdicts: 1 },
    examples: [{ job: 0, what: expect.stringContaining("2 times: done by process 2, attempt 1") }],
  });
});

test("one-verdict: two by the same process are two when it had started the job again", () => {
  const { run, first } = fleet();
  first.start(0).end(0).accepted(0).start(0).end(0).accepted(0);
  expect(judge.verdicts(run)).toMatchObject({ verdict: "fail" });
});

test("one-verdict: is unknown where a file has holes", () => {
  const { run, first, second } = fleet();
  first.start(0).gap().end(0).accepted(0);
  second.start(0).end(0).accepted(0);
  expect(judge.verdicts(run)).toMatchObject({ verdict: "unknown", counts: { unsure: 1 } });
});

test("no-premature-reclaim: fails when a healthy owner is at it, passes when it was hit", () => {
  const { run, first, second } = fleet();
  first.start(0);
  second.at(7_000).start(0).end(0).accepted(0);
  first.end(0).settlementRefused(0);
  expect(judge.premature(run)).toMatchObject({
    verdict: "fail",
    judged: 1,
    violations: 1,
    counts: { takenFromTheHealthy: 1 },
    examples: [{ job: 0, what: expect.stringContaining("7.0 s after its start by process 2") }],
  });
  const hit = takenOver();
  hit.second.end(0).accepted(0);
  hit.first.end(0).settlementRefused(0);
  expect(judge.premature(hit.run)).toMatchObject({ verdict: "pass", judged: 1, counts: { takenFromTheHit: 1 } });
});

test("no-premature-reclaim: only what the terms admit is an excuse", () => {
  const { run, first, second } = takenOver();
  second.end(0).accepted(0);
  first.end(0).settlementRefused(0);
  expect(judge.premature(run, { causes: ["killed"] })).toMatchObject({ verdict: "fail" });
  expect(noPrematureReclaim.options.parse({})).toEqual(noPrematureReclaim.neutral);
});

test("no-premature-reclaim: is unknown where an end, or a cause, may be missing", () => {
  const { run, first, second } = fleet();
  first.start(0).gap();
  second.at(7_000).start(0).end(0).accepted(0);
  expect(judge.premature(run)).toMatchObject({ verdict: "unknown", counts: { unsure: 1 } });
});

test("one-verdict: is unknown when the store may have forgotten all verdicts but the last, and fails when it must have kept one", () => {
  const settledTwice = (mayForgetMs: number): History => {
    const { run, first, second } = fleet();
    first.at(500).start(0).end(0).accepted(0);
    run
      .at(1_000)
      .fault("broker-stop", { effect: "store-away", touches: ["store"] })
      .armed()
      .bit({ mayForgetMs })
      .healed();
    second.at(3_000).start(0).end(0).accepted(0);
    return run;
  };
  expect(judge.verdicts(settledTwice(600))).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining("broker-stop-1"),
  });
  expect(judge.verdicts(settledTwice(400))).toMatchObject({ verdict: "fail", violations: 1 });
});

test("a failure that was surely heard before a cut is over: the same attempt again is not excused by it", () => {
  const again = (failedAt: number) => {
    const { run, first, second } = atWork();
    first.at(failedAt).failed(0);
    const cut = run
      .at(3_000)
      .fault("cut", { effect: "cut-off", touches: ["link:worker:0"] })
      .armed();
    second.at(8_000).start(0).end(0).accepted(0);
    run.at(9_000);
    cut.healed();
    return attemptsExact.check(run.ledger(), { crashes: "free" }).verdict;
  };
  expect(again(1_500)).toBe("fail");
  expect(again(2_900)).toBe("pass");
});

test("a failure that brings about the next attempt beside another is no stale one's where there were two copies before", () => {
  const tried = (copies: 1 | 2) => {
    const { run, first, second, third } = atWork();
    if (copies === 2) third.start(0).end(0).accepted(0);
    const pause = run
      .at(1_000)
      .fault("pause", { effect: "paused", touches: ["worker:0"] })
      .armed();
    second.at(6_000).start(0);
    run.at(7_000);
    pause.healed();
    first.failed(0);
    third.at(7_500).start(0, { attempt: 2 }).end(0, { attempt: 2 }).accepted(0, { attempt: 2 });
    second.at(9_000).end(0);
    return [fenced, oneVerdict].map((check) => check.check(run.ledger(), {}).verdict);
  };
  expect(tried(1)).toEqual(["fail", "pass"]);
  expect(tried(2)).toEqual(["pass", "fail"]);
});

test("whoever is asked to stop, and begins again what he had ended, has left nothing behind", () => {
  const { run, first } = atWork({ tellsSettlements: false });
  first.at(1_000).end(0);
  const asked = run
    .at(2_900)
    .fault("restart", { effect: "asked-to-stop", touches: ["worker:0"] })
    .armed();
  first.at(3_000).start(0).end(0).closed();
  asked.bit().healed();
  expect(duplicatesExplained.check(run.ledger(), { causes: [] }).verdict).toBe("fail");
});
