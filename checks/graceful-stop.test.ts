import { expect, test } from "vitest";
import { boundsOf } from "../history/bounds.ts";
import { killsItsWorker } from "../history/record.ts";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import { gracefulStop } from "./graceful-stop.ts";

const judge = (run: History) => gracefulStop.check(run.ledger(), { graceMs: 5_000 });

interface Fleet {
  readonly run: History;
  readonly first: ScriptedProcess;
  readonly second: ScriptedProcess;
}
/** The first worker runs job 0 when it is asked to stop, at 1 s. */
function asked(): Fleet {
  const run = history();
  run.process("producer").send(0).ok(0);
  const [first, second] = [run.process("worker"), run.process("worker", { slot: 1 })];
  first.start(0);
  run
    .at(1_000)
    .fault("restart", { effect: "asked-to-stop", touches: ["worker:0"] })
    .armed();
  return { run, first, second };
}

test("passes when it finishes what it runs and ends by itself in time", () => {
  const { run, first } = asked();
  first.at(3_000).end(0).accepted(0).closed();
  run.at(20_000);
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 1, counts: { asked: 1, excused: 0 } });
});

test("is exposed to nothing when nothing was in hand, and judges all the same", () => {
  const run = history();
  const first = run.process("worker");
  run
    .at(1_000)
    .fault("restart", { effect: "asked-to-stop", touches: ["worker:0"] })
    .armed();
  first.at(30_000).closed();
  expect(judge(run)).toMatchObject({ verdict: "fail", exposed: 0, counts: { late: 1 } });
});

test("fails when it takes too long, or is killed or crashes instead", () => {
  const late = asked();
  late.first.end(0).accepted(0).at(7_500).closed();
  expect(judge(late.run)).toMatchObject({
    verdict: "fail",
    counts: { late: 1 },
    examples: [{ job: undefined, what: expect.stringContaining("ended after 6.5 s; its grace was 5.0 s") }],
  });
  for (const how of ["killed", "crashed"] as const) {
    const { run, first } = asked();
    first.end(0).accepted(0).at(2_000);
    first[how]();
    expect(judge(run)).toMatchObject({ verdict: "fail", counts: { notByItself: 1 } });
  }
  const stays = asked();
  stays.first.end(0).accepted(0).leftRunning();
  expect(judge(stays.run)).toMatchObject({ verdict: "fail", counts: { late: 1 } });
});

test.each<[string, (first: ScriptedProcess) => unknown]>([
  ["begun", () => {}],
  ["ended", (first) => first.end(0)],
  ["failed", (first) => first.failed(0)],
])("fails when another has to start what it had %s", (what, before) => {
  const { run, first, second } = asked();
  before(first);
  first.at(1_100).closed();
  second.at(8_000).start(0).end(0).accepted(0);
  expect(judge(run)).toMatchObject({
    verdict: "fail",
    violations: 1,
    counts: { leftBehind: 1 },
    examples: [{ job: 0, what: expect.stringContaining(what) }],
  });
});

test("excuses what something else hit meanwhile", () => {
  const { run, first, second } = asked();
  const cut = run
    .at(1_500)
    .fault("cut", { effect: "cut-off", touches: ["link:worker:0"] })
    .armed();
  first.at(9_000).end(0).settlementUnknown(0).closed();
  cut.healed();
  second.at(10_000).start(0).end(0).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "pass", counts: { asked: 1, excused: 1 } });
});

test("the one that takes its place was not asked", () => {
  const { run, first } = asked();
  first.end(0).accepted(0).at(2_000).closed();
  run.process("worker", { spawned: "now" });
  run.at(60_000);
  expect(judge(run)).toMatchObject({ verdict: "pass", counts: { asked: 1 } });
});

test("excuses who is not connected again yet, and whom a job of its own takes along", () => {
  const { run, first, second } = asked();
  const cut = run
    .at(500)
    .fault("cut", { effect: "cut-off", touches: ["link:worker:0"] })
    .armed();
  run.at(900);
  cut.bit().healed();
  first.at(1_500).closed();
  second.at(8_000).start(0).end(0).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "pass", counts: { asked: 1, excused: 1 } });

  const ends = history();
  ends.process("producer").send(0, { plannedFailures: killsItsWorker }).ok(0);
  const own = ends.process("worker").start(0);
  ends
    .at(1_000)
    .fault("restart", { effect: "asked-to-stop", touches: ["worker:0"] })
    .armed();
  own.at(1_100).killed();
  expect(judge(ends)).toMatchObject({ verdict: "pass", counts: { asked: 1, excused: 1 } });
});

test("what is handed back with its connection is started before anybody saw its process end", () => {
  const bounds = boundsOf({ recoveryMs: 10_000, retryMs: 0, giveAwayMs: 4_000, handsBackOnDisconnect: true });
  const run = history({ bounds });
  run.process("producer").send(0).ok(0);
  const [first, second] = [run.process("worker").start(0), run.process("worker", { slot: 1 })];
  run
    .at(1_000)
    .fault("restart", { effect: "asked-to-stop", touches: ["worker:0"] })
    .armed();
  second.at(1_080).start(0).end(0).accepted(0);
  first.at(1_100).closed();
  expect(judge(run)).toMatchObject({ verdict: "fail", counts: { leftBehind: 1 } });
});
