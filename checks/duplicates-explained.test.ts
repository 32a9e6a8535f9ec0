import { expect, test } from "vitest";
import type { Effect } from "../history/effects.ts";
import type { Resource } from "../history/resource.ts";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import { duplicatesExplained } from "./duplicates-explained.ts";
import { noPrematureReclaim } from "./no-premature-reclaim.ts";

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
  expect(judge(run)).toMatchObject({ verdict: "pass", judged: 3, counts: { extraStarts: 0 } });
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
    judged: 1,
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
    run.wait(4_500);
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
  run.wait(4_500);
  second.start(0).failed(0).start(0, { attempt: 2 }).end(0, { attempt: 2 }).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "pass", counts: { extraStarts: 1, afterKilled: 1 } });
});

/** The holder is hit from 100 ms on for so long, and somebody starts the job again at that time. */
function hit(effect: Effect, resource: Resource, lastsMs: number, againAt: number): History {
  const { run, first, second } = fleet();
  first.start(0).end(0);
  const fault = run
    .at(100)
    .fault("f", { effect, touches: [resource] })
    .armed();
  run.at(100 + lastsMs);
  fault.bit().healed();
  second.at(againAt).start(0).end(0).accepted(0);
  return run;
}

test.each<[Effect, Resource, string]>([
  ["cut-off", "link:worker:0", "afterCutOff"],
  ["store-away", "store", "afterStoreAway"],
  ["paused", "worker:0", "afterPaused"],
])(
  "%s while the holder had it explains it, from the soonest give-away to the recovery bound",
  (effect, resource, counter) => {
    const during = hit(effect, resource, 5_000, 5_500);
    expect(judge(during)).toMatchObject({ verdict: "pass", counts: { extraStarts: 1, [counter]: 1 } });
    expect(judge(during, ["killed", "stalled"])).toMatchObject({ verdict: "fail", counts: { unexplained: 1 } });
    // Sooner than anybody may give it away, long after it had to have been, and after a hit that nobody can have
    // noticed.
    expect(judge(hit(effect, resource, 5_000, 3_800))).toMatchObject({ verdict: "fail" });
    expect(judge(hit(effect, resource, 5_000, 21_000))).toMatchObject({ verdict: "fail" });
    expect(judge(hit(effect, resource, 20, 5_500))).toMatchObject({ verdict: "fail" });
    // Before the holder had it, and after the repeat.
    const before = fleet();
    before.run
      .at(-500)
      .fault("f", { effect, touches: [resource] })
      .armed()
      .bit()
      .healed();
    before.run.at(10);
    before.first.start(0).end(0);
    before.second.at(6_000).start(0).end(0).accepted(0);
    expect(judge(before.run)).toMatchObject({ verdict: "fail", counts: { unexplained: 1 } });
  },
);

test("a death explains it from the soonest give-away on, however late", () => {
  const again = (againAt: number, killedAt = 100): History => {
    const { run, first, second } = fleet();
    first.start(0).at(killedAt).killed();
    second.at(againAt).start(0).end(0).accepted(0);
    return run;
  };
  expect(judge(again(4_500))).toMatchObject({ verdict: "pass" });
  expect(judge(again(60_000))).toMatchObject({ verdict: "pass" });
});

test("what was settled is over, however much befell its holder afterwards, unless the store may have forgotten it", () => {
  const again = (mayForgetMs: number): History => {
    const { run, first, second } = fleet();
    first.start(0).end(0).accepted(0);
    run
      .at(500)
      .fault("broker-stop", { effect: "store-away", touches: ["store"] })
      .armed()
      .bit({ mayForgetMs })
      .healed();
    second.at(6_000).start(0).end(0).settlementRefused(0);
    return run;
  };
  expect(judge(again(0))).toMatchObject({ verdict: "fail", counts: { startedAfterSettlement: 1 } });
  expect(judge(again(2_000))).toMatchObject({ verdict: "pass", counts: { afterStoreAway: 1 } });
});

test("where settlements are not told, what ended is over once its holder had time to say so", () => {
  const again = (cutAt: number): History => {
    const run = history({ tellsSettlements: false });
    run.process("producer").send(0).ok(0);
    const [first, second] = [run.process("worker"), run.process("worker", { slot: 1 })];
    first.start(0).end(0);
    const cut = run
      .at(cutAt)
      .fault("cut", { effect: "cut-off", touches: ["link:worker:0"] })
      .armed();
    run.at(cutAt + 6_000);
    cut.bit().healed();
    second
      .at(cutAt + 6_500)
      .start(0)
      .end(0);
    return run;
  };
  expect(judge(again(100))).toMatchObject({ verdict: "pass", counts: { afterCutOff: 1 } });
  expect(judge(again(3_000))).toMatchObject({ verdict: "fail", counts: { startedAfterSettlement: 1 } });
});

test("a hit on the taker alone explains nothing that came before the taker had it", () => {
  const { run, first, second } = fleet();
  first.start(0);
  const cut = run
    .at(1_000)
    .fault("cut", { effect: "cut-off", touches: ["link:worker:1"] })
    .armed();
  run.at(7_000);
  cut.bit().healed();
  second.at(9_000).start(0).end(0).accepted(0);
  const verdict = noPrematureReclaim.check(run.ledger(), noPrematureReclaim.neutral);
  expect(verdict).toMatchObject({ verdict: "fail", counts: { takenFromTheHealthy: 1 } });
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
  run.wait(4_500);
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

test("who had received an earlier attempt before it fell silent may start it when the job has gone on, and been settled", () => {
  const { run, first, second } = fleet();
  second.start(0).failed(0);
  run.at(1_000);
  const pause = run.fault("pause", { effect: "paused", touches: ["worker:0"] }).armed();
  second.at(6_000).start(0, { attempt: 2 }).failed(0, { attempt: 2 });
  second.at(8_000).start(0, { attempt: 3 }).end(0, { attempt: 3 }).accepted(0, { attempt: 3 });
  run.at(9_000);
  pause.bit().healed();
  first.start(0, { attempt: 2 }).end(0, { attempt: 2 }).settlementRefused(0, { attempt: 2 });
  expect(judge(run)).toMatchObject({ verdict: "pass", counts: { extraStarts: 1, afterPaused: 1 } });
});
