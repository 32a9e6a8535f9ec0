/** What may have kept a recovery and is on nobody's record: then it is unknown whose the delay was. */
import { expect, test } from "vitest";
import { finish, fleet } from "./testing/three-workers.ts";
import { history } from "../history/testing/history.ts";
import { recoveryBound } from "./recovery-bound.ts";

test("is unknown where all who had watched it were gone, and those after them may have had to watch anew", () => {
  const recovered = (atMs: number) => {
    const run = history();
    run.process("producer").send(0).ok(0);
    const [first, second] = [run.process("worker").start(0), run.process("worker", { slot: 1 })];
    first.at(1_000).killed();
    second.at(7_500).killed();
    const third = run.at(8_000).process("worker", { spawned: "now" });
    run.at(atMs);
    finish(third);
    return recoveryBound.check(run.ledger(), { boundMs: 7_000 });
  };
  // One second was left to those who had watched it for a lease.
  expect(recovered(9_000)).toMatchObject({ verdict: "pass" });
  expect(recovered(13_800)).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining("all who had watched its silent owner were gone"),
  });
  expect(recovered(20_000)).toMatchObject({ verdict: "fail" });
});

test("is unknown where another may have taken it, and fell silent before it had begun it", () => {
  const recovered = (pausedAtMs: number, atMs: number) => {
    const run = history();
    run.process("producer").send(0).ok(0);
    const [first, , third] = [0, 1, 2].map((slot) => run.process("worker", { slot }));
    first?.start(0).at(1_000).killed();
    const pause = run
      .at(pausedAtMs)
      .fault("pause", { effect: "paused", touches: ["worker:1"] })
      .armed();
    run.at(pausedAtMs + 8_000);
    pause.bit().healed();
    third?.at(atMs).start(0).end(0).accepted(0);
    return recoveryBound.check(run.ledger(), { boundMs: 7_000 });
  };
  expect(recovered(6_500, 13_000)).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining("process 3 may have taken it over, and fell silent before it had begun it"),
  });
  // By then nobody could have taken it, or it was late after that as well.
  expect(recovered(3_000, 13_000)).toMatchObject({ verdict: "fail" });
  expect(recovered(6_500, 14_500)).toMatchObject({ verdict: "fail" });
});

test("is unknown where whoever went on with it may have received it while it was silent itself", () => {
  const { run, first, third } = fleet();
  run.process("worker", { slot: 3 });
  const pause = run
    .at(900)
    .fault("pause", { effect: "paused", touches: ["worker:2"] })
    .armed();
  first.at(1_000).killed();
  run.at(14_000);
  pause.bit().healed();
  third.at(14_200);
  finish(third);
  expect(recoveryBound.check(run.ledger(), { boundMs: 5_000 })).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining("process 4 may have received it while it was silent itself"),
  });
});
