import { expect, test } from "vitest";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import { atLeastOnce } from "./at-least-once.ts";
import { settledAfterEnd } from "./settled-after-end.ts";

const judge = (run: History) => settledAfterEnd.check(run.ledger(), {});

function one(script: (worker: ScriptedProcess, other: ScriptedProcess, run: History) => void): History {
  const run = history({ jobs: 1 });
  run.process("producer").send(0).ok(0);
  script(run.process("worker"), run.process("worker", { slot: 1 }), run);
  return run;
}

test("passes when the end comes first, also where both are of one moment", () => {
  expect(judge(one((worker) => void worker.start(0).end(0).accepted(0)))).toMatchObject({ verdict: "pass", judged: 1 });
  const tied = one((worker) => void worker.start(0).at(5).end(0).at(5).accepted(0));
  expect(judge(tied)).toMatchObject({ verdict: "pass" });
});

test("fails when the settlement comes first, also where both are of one moment", () => {
  const early = one((worker) => void worker.start(0).accepted(0).at(50).end(0));
  const verdict = judge(early);
  expect(verdict).toMatchObject({ verdict: "fail", violations: 1, counts: { beforeEnd: 1 } });
  expect(verdict).toMatchObject({ examples: [{ job: 0, what: expect.stringContaining("ended 47.0 ms later") }] });
  expect(judge(one((worker) => void worker.start(0).at(5).accepted(0).at(5).end(0)))).toMatchObject({
    verdict: "fail",
  });
});

test("fails in a retry as well as in the first run", () => {
  const run = one((worker) => {
    worker.start(0).failed(0).at(2_000).start(0, { attempt: 2 });
    worker.accepted(0, { attempt: 2 }).end(0, { attempt: 2 });
  });
  expect(judge(run)).toMatchObject({ verdict: "fail" });
});

test("a run that ended well and was refused has nothing left that could be accepted", () => {
  const again = one((worker) => {
    worker.start(0).at(2_500).end(0).at(5_700).settlementRefused(0);
    worker.at(5_750).start(0).at(5_780).accepted(0).at(5_810).end(0).settlementRefused(0);
  });
  expect(judge(again)).toMatchObject({ verdict: "fail" });
});

test("one that never came to its end is at-least-once's", () => {
  const run = one((worker) => void worker.start(0).accepted(0).killed());
  expect(judge(run)).toMatchObject({ verdict: "pass" });
  expect(atLeastOnce.check(run.ledger(), {}).verdict).toBe("fail");
});

test("a run that took too long may be settled as dead, and what another settled says nothing of it", () => {
  const overran = one((worker, _, run) => {
    worker.start(0).accepted(0, { as: "dead" }).end(0);
    run.place(0, "dead");
  });
  expect(judge(overran)).toMatchObject({ verdict: "pass" });
  const taken = one((worker, other) => {
    worker.start(0);
    other.at(7_000).start(0).end(0).accepted(0);
    worker.at(8_000).end(0).settlementRefused(0);
  });
  expect(judge(taken)).toMatchObject({ verdict: "pass" });
  const again = one((worker) => void worker.start(0).at(6_000).start(0).end(0).accepted(0).end(0).settlementRefused(0));
  expect(judge(again)).toMatchObject({ verdict: "pass" });
});

test("is in doubt where a worker's file is not whole", () => {
  expect(judge(one((worker) => void worker.start(0).gap().accepted(0).end(0)))).toMatchObject({ verdict: "unknown" });
});
