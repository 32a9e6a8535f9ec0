import { expect, test } from "vitest";
import { history, type History } from "../history/testing/history.ts";
import { noPhantom } from "./no-phantom.ts";

const judge = (run: History) => noPhantom.check(run.ledger(), {});

test("passes when all that ran had been sent", () => {
  const run = history({ jobs: 2 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([0], producer, worker);
  producer.send(1).unknown(1);
  worker.start(1).end(1).accepted(1);
  expect(judge(run)).toMatchObject({ verdict: "pass", judged: 2 });
});

test("fails on a payload that is not what was sent, wherever it was found", () => {
  const run = history({ jobs: 1 });
  run.clean([0], run.process("producer"), run.process("worker").corrupt(0).corrupt());
  run.corruptInScan();
  const verdict = judge(run);
  expect(verdict).toMatchObject({ verdict: "fail", violations: 3, counts: { corrupt: 3 } });
  expect(verdict).toMatchObject({
    examples: expect.arrayContaining([
      expect.objectContaining({ job: 0 }),
      expect.objectContaining({ job: undefined }),
    ]),
  });
});

test("fails when a job runs that nobody sent", () => {
  const run = history({ jobs: 2 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([0], producer, worker);
  worker.start(1).end(1);
  expect(judge(run)).toMatchObject({
    verdict: "fail",
    violations: 1,
    counts: { neverSent: 1 },
    examples: [{ job: 1 }],
  });
});

test("fails when the scan finds a job that nobody sent", () => {
  const run = history({ jobs: 2 });
  run.clean([0], run.process("producer"), run.process("worker"));
  run.place(1, "delayed");
  expect(judge(run)).toMatchObject({ verdict: "fail", violations: 1, counts: { neverSent: 1 } });
});

test("fails when a refused job runs", () => {
  const run = history();
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.send(0).refused(0);
  worker.start(0).end(0).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "fail", violations: 1, counts: { refused: 1 } });
});

test("is unknown when the record of the sending may be missing", () => {
  const run = history({ jobs: 2 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([0], producer, worker);
  producer.gap();
  worker.start(1).end(1);
  expect(judge(run)).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining("producer"),
    counts: { unsure: 1 },
  });
});
