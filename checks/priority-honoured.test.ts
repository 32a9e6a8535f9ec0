import { expect, test } from "vitest";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import { priorityHonoured } from "./priority-honoured.ts";

const judge = (run: History, atLeast = 0.5) => priorityHonoured.check(run.ledger(), { atLeast });

const priorities = [
  { name: "high", weight: 3 },
  { name: "low", weight: 1 },
];

interface Shares {
  /** Started in each second, of "high" and of "low". */
  readonly perSecond: readonly [number, number];
  readonly seconds?: number;
  /** Still to be started after that. */
  readonly left?: readonly [number, number];
  readonly facts?: Parameters<typeof history>[0];
  readonly meanwhile?: (run: History, worker: ScriptedProcess) => void;
}

/**
 * All are sent in the first tenth of a second, and started evenly over each of the next seconds; what is left, at the
 * end.
 */
function shared({
  perSecond,
  seconds = 6,
  left = [200, 200],
  facts = { priorities },
  meanwhile = () => {},
}: Shares): History {
  const counts = perSecond.map((jobs, index) => jobs * seconds + (left[index] ?? 0));
  const run = history({ jobs: counts.reduce((sum, jobs) => sum + jobs, 0), ...facts });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  const endMs = (1 + seconds) * 1000;
  let job = 0;
  for (const [index, jobs] of counts.entries()) {
    const [mine = 0] = perSecond.slice(index);
    for (let n = 0; n < jobs; n++, job++) {
      producer
        .at(100)
        .send(job, { priority: index + 1 })
        .ok(job);
      const startMs = n < mine * seconds ? 1000 + (n * 1000) / mine : endMs;
      worker.at(startMs).start(job).end(job).accepted(job);
    }
  }
  meanwhile(run, worker);
  run.at(endMs + 2_000); // nobody leaves before
  return run;
}

test("passes when each gets its weight's share, and says what it got", () => {
  expect(judge(shared({ perSecond: [75, 25] }))).toMatchObject({
    verdict: "pass",
    exposed: 600,
    counts: { contestedSeconds: 6, startedMeanwhile: 600, "started of high": 450, "started of low": 150 },
  });
});

test("fails when one gets less than so much of its share", () => {
  expect(judge(shared({ perSecond: [36, 64] }))).toMatchObject({
    verdict: "fail",
    violations: 1,
    counts: { shortchanged: 1 },
    examples: [{ what: expect.stringContaining('216 of 600 starts were of priority "high": 36 %, where 75 %') }],
  });
  expect(judge(shared({ perSecond: [39, 61] }))).toMatchObject({ verdict: "pass" });
  expect(judge(shared({ perSecond: [98, 2] }))).toMatchObject({
    examples: [{ what: expect.stringContaining('12 of 600 starts were of priority "low": 2 %, where 25 %') }],
  });
});

test("too few starts say nothing: a queue that draws lots may have been unlucky", () => {
  expect(judge(shared({ perSecond: [3, 61] }))).toMatchObject({
    verdict: "pass",
    exposed: 0,
    counts: { startedMeanwhile: 384 },
  });
  expect(judge(shared({ perSecond: [3, 64] }))).toMatchObject({ verdict: "fail", exposed: 402 });
  // The closer to its share a promise is, the more of them it takes.
  expect(judge(shared({ perSecond: [30, 70] }), 0.8)).toMatchObject({ verdict: "pass", exposed: 0 });
});

test("a second counts only while each has more waiting than its weight gives it: less may be in hand already", () => {
  expect(judge(shared({ perSecond: [10, 90], left: [74, 200] }))).toMatchObject({
    verdict: "fail",
    // 84 of "high" are left at the end of the last but one second, 74 at the end.
    counts: { contestedSeconds: 5 },
  });
  expect(judge(shared({ perSecond: [10, 90], left: [0, 200] }))).toMatchObject({ verdict: "pass", exposed: 0 });
});

test("retries and repeats take nobody's share", () => {
  const run = shared({
    perSecond: [75, 25],
    meanwhile(_, worker) {
      for (let n = 0; n < 900; n++) worker.at(1_000 + n * 6).start(0, { attempt: 2 });
    },
  });
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 600 });
});

test("seconds with a fault, a death, a newcomer, a worker that stood still, or work of the dead, are left out", () => {
  const beside = (meanwhile: NonNullable<Shares["meanwhile"]>) =>
    judge(shared({ perSecond: [75, 25], seconds: 12, meanwhile }));
  const seconds = (contestedSeconds: number) => ({ verdict: "pass", counts: { contestedSeconds } });
  expect(beside(() => {})).toMatchObject(seconds(12));
  const faulty = beside((run) => {
    const fault = run
      .at(3_500)
      .fault("f", { effect: "slow", touches: ["link:worker:0"] })
      .armed();
    run.at(5_500);
    fault.bit().healed();
  });
  expect(faulty).toMatchObject(seconds(12 - 5));
  const stoodStill = beside((run) => void run.process("worker", { slot: 1 }).at(4_200).stalled(700));
  expect(stoodStill).toMatchObject(seconds(12 - 3));
  const newcomer = beside((run) => void run.at(4_500).process("worker", { slot: 1, spawned: "now" }));
  expect(newcomer).toMatchObject(seconds(12 - 3));
  const workOfTheDead = beside((run) => {
    const doomed = run.process("worker", { slot: 1 });
    const next = run.process("worker", { slot: 2 });
    doomed.at(1_500).start(0);
    doomed.at(4_500).killed();
    next.at(9_500).start(0).end(0);
  });
  expect(workOfTheDead).toMatchObject(seconds(12 - 3 - 3));
});

test("nothing is exposed where there are no priorities, whatever is missing", () => {
  const without = shared({ perSecond: [10, 90], facts: { priorities: [] } });
  without.process("worker", { slot: 1 }).withoutFile();
  expect(judge(without)).toMatchObject({ verdict: "pass", exposed: 0 });
});

test("is unknown when starts may be missing", () => {
  const run = shared({ perSecond: [10, 90] });
  run.process("worker", { slot: 1 }).gap();
  expect(judge(run)).toMatchObject({ verdict: "unknown", counts: { unsure: 1 } });
});
