import { expect, test } from "vitest";
import { alwaysFails, killsItsWorker } from "../history/record.ts";
import { fleet as atWork } from "./testing/three-workers.ts";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import { attemptsExact } from "./attempts-exact.ts";

const judge = (run: History, crashes: "free" | "counted" = "free") => attemptsExact.check(run.ledger(), { crashes });

interface Fleet {
  readonly run: History;
  readonly first: ScriptedProcess;
  readonly second: ScriptedProcess;
}
/** Job 0 was sent and acknowledged, to be tried three times. */
function fleet(plannedFailures = 1): Fleet {
  const run = history({ attempts: 3 });
  run.process("producer").send(0, { plannedFailures }).ok(0);
  return { run, first: run.process("worker"), second: run.process("worker", { slot: 1 }) };
}
const fail = (worker: ScriptedProcess, ...attempts: readonly number[]): ScriptedProcess => {
  for (const attempt of attempts) worker.start(0, { attempt }).failed(0, { attempt });
  return worker;
};
const finish = (worker: ScriptedProcess, attempt: number): void =>
  void worker.start(0, { attempt }).end(0, { attempt }).accepted(0, { attempt });

test("passes when each failure counts as one, to success or to death", () => {
  const success = fleet(2);
  finish(fail(success.first, 1, 2), 3);
  expect(judge(success.run)).toMatchObject({ verdict: "pass", exposed: 1 });
  const death = fleet(alwaysFails);
  fail(death.first, 1, 2, 3).accepted(0, { attempt: 3, as: "dead" });
  expect(judge(death.run.place(0, "dead"))).toMatchObject({ verdict: "pass", exposed: 1 });
});

test("fails on a number that skips one, also at the first start", () => {
  const { run, first } = fleet();
  finish(fail(first, 1), 3);
  expect(judge(run)).toMatchObject({
    verdict: "fail",
    counts: { skipped: 1 },
    examples: [{ job: 0, what: "Job 0 was started as attempt 3, though attempt 1 was the last to fail." }],
  });
  const late = fleet(0);
  finish(late.first, 2);
  expect(judge(late.run)).toMatchObject({ verdict: "fail", counts: { skipped: 1 } });
});

test("a crash uses up an attempt only where that is a term", () => {
  const { run, first, second } = fleet(0);
  first.start(0).killed();
  run.wait(5_000);
  finish(second, 2);
  expect(judge(run, "counted")).toMatchObject({ verdict: "pass", exposed: 1 });
  expect(judge(run, "free")).toMatchObject({ verdict: "fail", counts: { skipped: 1 } });

  const burnt = fleet(alwaysFails);
  burnt.first.start(0).killed();
  burnt.run.wait(5_000);
  fail(burnt.second, 2, 3).accepted(0, { attempt: 3, as: "dead" });
  burnt.run.place(0, "dead");
  expect(judge(burnt.run, "counted")).toMatchObject({ verdict: "pass" });
  expect(judge(burnt.run, "free")).toMatchObject({ verdict: "fail" });
});

test("a failure that died with its process may be repeated under its number, one that did not may not", () => {
  const killed = fleet();
  fail(killed.first, 1).killed();
  killed.run.wait(5_000);
  finish(fail(killed.second, 1), 2);
  expect(judge(killed.run)).toMatchObject({ verdict: "pass" });
  const well = fleet();
  fail(well.first, 1);
  well.run.wait(1_500);
  finish(fail(well.second, 1), 2);
  expect(judge(well.run)).toMatchObject({ verdict: "fail", counts: { notCounted: 1 } });
});

test("nor is a failure settled while its worker waits for the answers to all that came after it", () => {
  const killedLater = (isAnswered: boolean) => {
    const run = history({ jobs: 2, attempts: 3 });
    run.process("producer").send(0, { plannedFailures: 1 }).ok(0).send(1).ok(1);
    const [first, second] = [run.process("worker"), run.process("worker", { slot: 1 })];
    first.start(1);
    fail(first, 1).end(1);
    if (isAnswered) first.accepted(1);
    run.wait(2_500);
    first.killed();
    run.wait(5_000);
    finish(fail(second, 1), 2);
    if (!isAnswered) second.start(1).end(1).accepted(1);
    return judge(run);
  };
  expect(killedLater(false)).toMatchObject({ verdict: "pass" });
  expect(killedLater(true)).toMatchObject({ verdict: "fail", counts: { notCounted: 1 } });
});

test("the number never goes back, whatever hit the one who had it", () => {
  const { run, first, second } = fleet();
  fail(first, 1).start(0, { attempt: 2 }).killed();
  run.wait(5_000);
  finish(fail(second, 1), 2);
  expect(judge(run)).toMatchObject({ verdict: "fail", counts: { wentBack: 1 } });
});

test("but one who stood still may go on with the number that it was given", () => {
  const { run, first, second } = fleet();
  first.stalled(6_000);
  run.at(4_000);
  fail(second, 1).start(0, { attempt: 2 });
  run.at(6_100);
  first.start(0).failed(0);
  second.end(0, { attempt: 2 }).accepted(0, { attempt: 2 });
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 1 });
});

test("who was not there yet can have been given no number that is right no more", () => {
  const { run, first } = fleet();
  fail(first, 1).start(0, { attempt: 2 }).killed();
  run.at(4_000);
  const late = run.process("worker", { spawned: "now" }).stalled(3_000);
  run.at(8_000);
  finish(fail(late, 1), 2);
  expect(judge(run)).toMatchObject({ verdict: "fail", counts: { wentBack: 1 } });
});

test("fails when it is tried more often, or given up earlier, than it had attempts", () => {
  const often = fleet(alwaysFails);
  fail(often.first, 1, 2, 3, 4).accepted(0, { attempt: 4, as: "dead" });
  expect(judge(often.run.place(0, "dead"))).toMatchObject({ verdict: "fail", counts: { beyond: 1 } });
  const early = fleet(alwaysFails);
  fail(early.first, 1, 2).accepted(0, { attempt: 2, as: "dead" });
  expect(judge(early.run.place(0, "dead"))).toMatchObject({
    verdict: "fail",
    counts: { deadEarly: 1 },
    examples: [{ what: expect.stringContaining("attempt 2, though it had 3") }],
  });
});

test("says nothing of poison, and nothing of what others own", () => {
  const poison = fleet(killsItsWorker);
  poison.first.start(0).killed();
  poison.second.start(0, { attempt: 3 }).killed();
  expect(judge(poison.run.place(0, "dead"))).toMatchObject({ verdict: "pass", exposed: 0 });
  const taken = fleet(0);
  taken.first.start(0);
  finish(taken.second, 2);
  expect(judge(taken.run)).toMatchObject({ verdict: "pass", exposed: 1 });
});

test("is unknown when a failure may be missing", () => {
  const { run, first } = fleet();
  finish(fail(first, 1).gap(), 3);
  expect(judge(run)).toMatchObject({ verdict: "unknown", counts: { unsure: 1 } });
});

test("what the system may not plead does not excuse a failure that is not counted", () => {
  const uncounted = (causes: readonly string[]) => {
    const run = history({ jobs: 2, claims: { "duplicates-explained": { causes: [...causes] } } });
    const [producer, worker] = [run.process("producer"), run.process("worker")];
    run.clean([0], producer, worker);
    producer.send(1, { plannedFailures: 1 }).ok(1);
    worker.start(1).failed(1);
    const slow = run
      .at(500)
      .fault("slow-link", { effect: "slow", touches: ["link:worker:0"] })
      .armed()
      .bit();
    run.at(2_500);
    slow.healed();
    worker
      .at(3_000)
      .start(1)
      .failed(1)
      .at(6_000)
      .start(1, { attempt: 2 })
      .end(1, { attempt: 2 })
      .accepted(1, { attempt: 2 });
    return judge(run, "free");
  };
  expect(uncounted(["killed", "slow"])).toMatchObject({ verdict: "pass" });
  expect(uncounted(["killed"])).toMatchObject({ verdict: "fail", counts: { notCounted: 1 } });
});

test("who had failed an attempt and was silent since has nothing of it to go on with when he is back", () => {
  const { run, first, second } = atWork();
  first.at(500).failed(0);
  const pause = run
    .at(1_000)
    .fault("pause", { effect: "paused", touches: ["worker:0"] })
    .armed();
  second.at(5_500).start(0, { attempt: 2 });
  const cut = run
    .at(6_000)
    .fault("cut", { effect: "cut-off", touches: ["link:worker:1"] })
    .armed();
  run.at(11_000);
  pause.healed();
  finish(first, 1);
  run.at(12_000);
  cut.healed();
  expect(judge(run)).toMatchObject({ verdict: "fail", counts: { wentBack: 1 } });
});
