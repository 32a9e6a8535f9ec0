import { expect, test } from "vitest";
import { history, type History } from "../history/testing/history.ts";
import { atLeastOnce } from "./at-least-once.ts";

const judge = (run: History) => atLeastOnce.check(run.ledger(), {});

test("passes when what is done has ended, and what is dead was tried", () => {
  const run = history({ jobs: 2, attempts: 1 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([0], producer, worker);
  producer.send(1).ok(1);
  worker.start(1).failed(1).accepted(1, { as: "dead" });
  run.place(1, "dead");
  expect(judge(run)).toMatchObject({ verdict: "pass", judged: 2, counts: { done: 1, dead: 1 } });
});

test("fails when a job was settled as done before its run, and the run never ended", () => {
  const run = history({ jobs: 2 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([0], producer, worker);
  producer.send(1).ok(1);
  worker.accepted(1).start(1).killed();
  expect(judge(run)).toMatchObject({
    verdict: "fail",
    judged: 2,
    violations: 1,
    counts: { settledWithoutRun: 1 },
    examples: [{ job: 1, what: expect.stringContaining("none of its 1 starts came to an end") }],
  });
});

test("fails when a failed job was settled as done", () => {
  const run = history();
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.send(0).ok(0);
  worker.start(0).failed(0).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "fail", counts: { settledWithoutRun: 1 } });
});

test("fails when a job is dead without ever having been started", () => {
  const run = history();
  run.process("producer").send(0).ok(0);
  run.place(0, "dead");
  expect(judge(run)).toMatchObject({ verdict: "fail", violations: 1, counts: { deadWithoutStart: 1 } });
});

test("is unknown when the end may stand in a file that is not whole", () => {
  const run = history();
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.send(0).ok(0);
  worker.start(0).gap().accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "unknown", counts: { unsure: 1 } });
});

test("is exposed to nothing by done jobs where settlements are not told", () => {
  const run = history({ tellsSettlements: false });
  run.clean([0], run.process("producer"), run.process("worker"));
  expect(judge(run)).toMatchObject({ verdict: "pass", judged: 0, counts: { done: 1 } });
});
