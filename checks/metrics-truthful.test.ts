import { expect, test } from "vitest";
import { alwaysFails } from "../history/record.ts";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import { metricsTruthful } from "./metrics-truthful.ts";

const judge = (run: History) => metricsTruthful.check(run.ledger(), {});

interface Fleet {
  readonly run: History;
  readonly producer: ScriptedProcess;
  readonly worker: ScriptedProcess;
}
/** Four jobs were sent and acknowledged, to be tried once. Those are still there in the end. */
function fleet(...left: readonly number[]): Fleet {
  const run = history({ jobs: 5, attempts: 1 });
  for (const job of left) run.place(job, "waiting");
  const producer = run.process("producer");
  for (const job of [0, 1, 2, 3]) producer.send(job, { plannedFailures: job === 3 ? alwaysFails : 0 }).ok(job);
  return { run, producer, worker: run.process("worker") };
}
const settle = (worker: ScriptedProcess, job: number): void => void worker.start(job).end(job).accepted(job);

test("passes when it is what the record says, fails by one more or one less", () => {
  for (const [depth, verdict] of [
    [3, "pass"],
    [4, "fail"],
    [2, "fail"],
  ] as const) {
    const { run, worker } = fleet(1, 2, 3);
    settle(worker, 0);
    worker.start(1);
    run.depth(depth);
    expect(judge(run)).toMatchObject({ verdict, exposed: 4, counts: { answers: 1 } });
  }
});

test("says which way it was wrong, the worst first", () => {
  const { run } = fleet(0, 1, 2, 3);
  run.depth(5).depth(1).depth(4);
  expect(judge(run)).toMatchObject({
    verdict: "fail",
    violations: 2,
    counts: { tooMany: 1, tooFew: 1 },
    examples: [
      { job: undefined, what: expect.stringContaining("had 1 jobs to do; at least 4 were there") },
      { what: expect.stringContaining("had 5 jobs to do; at most 4 were there") },
    ],
  });
});

test("leaves room for what happened while the question was under way, and for what is not answered yet", () => {
  for (const [depth, verdict] of [
    [4, "pass"],
    [3, "pass"],
    [2, "fail"],
    [5, "pass"],
    [6, "fail"],
  ] as const) {
    const { run, producer, worker } = fleet(1, 2, 3);
    worker.at(100).start(0).end(0).accepted(0);
    producer.at(103).send(4);
    run.at(110).depth(depth, 11);
    expect(judge(run)).toMatchObject({ verdict });
  }
});

test("a job that has ended, or failed for the last time, may be gone; one that was lost is not asked for", () => {
  // Job 2 is nowhere in the end.
  const { run, worker } = fleet();
  worker.start(0).end(0).start(3).failed(3);
  for (const depth of [4, 3, 2, 1]) run.depth(depth);
  worker.accepted(0).accepted(3, { as: "dead" });
  settle(worker, 1);
  run.place(3, "dead");
  expect(judge(run)).toMatchObject({ verdict: "pass" });
  expect(judge(run.depth(1))).toMatchObject({ verdict: "pass" });
  expect(judge(run.depth(2))).toMatchObject({ verdict: "fail" });
});

test("a job that ends its workers may be gone before its verdict is on record", () => {
  const { run, worker } = fleet();
  worker.start(0);
  run.depth(4);
  run.depth(3);
  worker.accepted(0, { as: "dead" });
  run.place(0, "dead");
  for (const job of [1, 2, 3]) settle(worker, job);
  expect(judge(run)).toMatchObject({ verdict: "pass" });
});

test("is exposed to nothing where nobody asked", () => {
  const { run, worker } = fleet();
  settle(worker, 0);
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 0 });
});

test("is unknown when settlements may be missing", () => {
  const { run, worker } = fleet();
  worker.gap();
  run.depth(4);
  expect(judge(run)).toMatchObject({ verdict: "unknown" });
});

test("is unknown, and no failure, when what contradicts the system may be a hole in the record", () => {
  const unsent = fleet();
  unsent.producer.gap();
  expect(judge(unsent.run.depth(5))).toMatchObject({ verdict: "unknown" });
  const unsettled = fleet();
  unsettled.worker.gap();
  expect(judge(unsettled.run.depth(3))).toMatchObject({ verdict: "unknown" });
});
