import { expect, test } from "vitest";
import type { Effect } from "../history/effects.ts";
import type { Resource } from "../history/journal.ts";
import { history, type History, type ScriptedProcess } from "../test/history.ts";
import { duplicatesExplained } from "./duplicates-explained.ts";

const judge = (run: History, causes = duplicatesExplained.neutral.causes) =>
  duplicatesExplained.check(run.ledger(), { causes });

interface Fleet {
  readonly run: History;
  readonly producer: ScriptedProcess;
  readonly first: ScriptedProcess;
  readonly second: ScriptedProcess;
}
/** Job 0 is sent and acknowledged; two workers wait. */
function fleet(): Fleet {
  const run = history();
  const producer = run.process("producer").send(0).ok(0);
  return { run, producer, first: run.process("worker", { slot: 0 }), second: run.process("worker", { slot: 1 }) };
}

test("passes on a clean run, exposed to every job that was started", () => {
  const run = history({ jobs: 3 });
  run.clean([0, 1, 2], run.process("producer"), run.process("worker"));
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 3, counts: { extraStarts: 0 } });
});

test("a retry of a failed attempt is no duplicate, on whatever worker", () => {
  const { run, first, second } = fleet();
  first.start(0, { attempt: 1 }).failed(0, { attempt: 1 });
  second.start(0, { attempt: 2 }).failed(0, { attempt: 2 });
  first.start(0, { attempt: 3 }).end(0, { attempt: 3 }).accepted(0, { attempt: 3 });
  expect(judge(run)).toMatchObject({ verdict: "pass", counts: { extraStarts: 0 } });
});

test("a retry may skip an attempt that nobody saw", () => {
  const { run, first, second } = fleet();
  first.start(0, { attempt: 1 }).failed(0, { attempt: 1 });
  second.start(0, { attempt: 3 }).end(0, { attempt: 3 }).accepted(0, { attempt: 3 });
  expect(judge(run)).toMatchObject({ verdict: "pass", counts: { extraStarts: 0 } });
});

test("fails when the same attempt starts twice, the first of which had ended, and nothing had happened", () => {
  const { run, first, second } = fleet();
  first.start(0).end(0);
  run.wait(2_000);
  second.start(0).end(0).accepted(0);
  const verdict = judge(run);
  expect(verdict).toMatchObject({
    verdict: "fail",
    exposed: 1,
    violations: 1,
    counts: { extraStarts: 1, unexplained: 1 },
  });
  expect(verdict).toMatchObject({ examples: [{ job: 0, what: expect.stringContaining("2.0 s after") }] });
});

test("fails when the next attempt starts although the one before has not failed", () => {
  const { run, first, second } = fleet();
  first.start(0, { attempt: 1 }).end(0, { attempt: 1 });
  second.start(0, { attempt: 2 }).end(0, { attempt: 2 }).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "fail", counts: { unexplained: 1 } });
});

test("a kill of the holder explains it, also under a higher attempt, but a kill of another does not", () => {
  for (const attempt of [1, 2]) {
    const { run, first, second } = fleet();
    first.start(0).killed();
    second.start(0, { attempt }).end(0, { attempt }).accepted(0);
    expect(judge(run)).toMatchObject({ verdict: "pass", counts: { extraStarts: 1, afterKilled: 1 } });
  }
  const { run, first, second } = fleet();
  const third = run.process("worker", { slot: 2 });
  first.start(0).end(0);
  third.killed();
  second.start(0).end(0).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "fail", counts: { unexplained: 1 } });
});

test("a failure that died with its process makes the attempt run again", () => {
  const { run, first, second } = fleet();
  first.start(0).failed(0).killed();
  second.start(0).failed(0).start(0, { attempt: 2 }).end(0, { attempt: 2 }).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "pass", counts: { extraStarts: 1, afterKilled: 1 } });
});

test.each<[Effect, Resource, string]>([
  ["cut-off", "link:worker:0", "afterCutOff"],
  ["store-away", "store", "afterStoreAway"],
])("%s while the holder had it explains it, before or after does not", (effect, resource, counter) => {
  const during = fleet();
  during.first.start(0).end(0);
  during.run
    .fault("f", { effect, touches: [resource] })
    .armed()
    .bit()
    .healed();
  during.second.start(0).end(0).accepted(0);
  expect(judge(during.run)).toMatchObject({ verdict: "pass", counts: { extraStarts: 1, [counter]: 1 } });
  expect(judge(during.run, ["killed", "stalled"])).toMatchObject({ verdict: "fail", counts: { unexplained: 1 } });

  const before = fleet();
  before.run
    .at(-500)
    .fault("f", { effect, touches: [resource] })
    .armed()
    .bit()
    .healed();
  before.run.at(10);
  before.first.start(0).end(0);
  before.second.start(0).end(0).accepted(0);
  expect(judge(before.run)).toMatchObject({ verdict: "fail", counts: { unexplained: 1 } });

  const after = fleet();
  after.first.start(0).end(0);
  after.second.start(0).end(0).accepted(0);
  after.run
    .fault("f", { effect, touches: [resource] })
    .armed()
    .bit()
    .healed();
  expect(judge(after.run)).toMatchObject({ verdict: "fail", counts: { unexplained: 1 } });
});

test("a holder that did not run for a while explains it", () => {
  const { run, first, second } = fleet();
  first.start(0).stalled(6_000);
  second.start(0).end(0).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "pass", counts: { afterStalled: 1 } });
});

test("a worker that had received the job, stood still and lost it may start it late, also when it is settled", () => {
  const { run, first, second } = fleet();
  first.stalled(6_000);
  run.at(5_000);
  second.start(0).end(0).accepted(0);
  run.at(6_100);
  first.start(0).end(0).settlementRefused(0);
  expect(judge(run)).toMatchObject({ verdict: "pass", counts: { extraStarts: 1, afterStalled: 1 } });
});

test("fails when a settled job starts again, counted by itself", () => {
  const { run, first, second } = fleet();
  first.start(0).end(0).accepted(0);
  second.start(0).end(0).settlementRefused(0);
  expect(judge(run)).toMatchObject({ verdict: "fail", violations: 1, counts: { startedAfterSettlement: 1 } });
});

test("a chain needs a cause for each link", () => {
  const { run, first, second } = fleet();
  const third = run.process("worker", { slot: 2 });
  first.start(0).killed();
  second.start(0).end(0);
  third.start(0).end(0).accepted(0);
  expect(judge(run)).toMatchObject({
    verdict: "fail",
    violations: 1,
    counts: { extraStarts: 2, afterKilled: 1, unexplained: 1 },
  });
});

test("is unknown when a failure may be missing from the holder's file", () => {
  const { run, first, second } = fleet();
  first.start(0).end(0).gap();
  second.start(0, { attempt: 2 }).end(0, { attempt: 2 }).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "unknown", counts: { unsure: 1 } });
});

test("what a process leaves behind that was asked to stop is not judged here, whatever the terms", () => {
  const { run, first, second } = fleet();
  first.start(0);
  run
    .at(1_000)
    .fault("restart", { effect: "asked-to-stop", touches: ["worker:0"] })
    .armed();
  first.at(1_100).closed();
  second.at(8_000).start(0).end(0).accepted(0);
  expect(judge(run, [])).toMatchObject({ verdict: "pass", counts: { extraStarts: 1, afterAskedToStop: 1 } });
});

test("a process that goes on with a backlog right after its pause may have lost some of it", () => {
  for (const [restartAt, verdict] of [
    [5_500, "pass"],
    [7_500, "fail"],
  ] as const) {
    const { run, first, second } = fleet();
    const pause = run.at(1_000).fault("pause", { effect: "paused", touches: ["worker:0"] });
    run.at(5_000);
    pause.healed();
    first.at(restartAt).start(0).end(0);
    second
      .at(restartAt + 10)
      .start(0)
      .end(0)
      .accepted(0);
    expect(judge(run)).toMatchObject({ verdict });
  }
});
