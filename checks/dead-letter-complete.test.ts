import { expect, test } from "vitest";
import { deadFields } from "../history/record.ts";
import { allDeadFields, history, type History } from "../test/history.ts";
import { deadLetterComplete } from "./dead-letter-complete.ts";

const judge = (run: History) =>
  deadLetterComplete.check(run.ledger(), { fields: ["payload", "attempts", "lastError"] });

function dead(jobs: number): History {
  const run = history({ jobs, attempts: 1 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  for (let job = 0; job < jobs; job++) {
    producer.send(job).ok(job);
    worker.start(job).failed(job).accepted(job, { as: "dead" });
  }
  return run;
}

test("passes when every entry holds the fields of the terms, whatever else it lacks", () => {
  const run = dead(2)
    .place(0, "dead")
    .place(1, "dead", { fields: allDeadFields & ~deadFields.worker });
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 2, counts: { entries: 2 } });
});

test("fails on an entry that lacks one, and says which", () => {
  const run = dead(2).place(0, "dead").place(1, "dead", { fields: deadFields.payload });
  expect(judge(run)).toMatchObject({
    verdict: "fail",
    exposed: 2,
    violations: 1,
    counts: { "without attempts": 1, "without lastError": 1 },
    examples: [{ job: 1, what: expect.stringContaining("attempts, lastError") }],
  });
});

test("judges each copy by itself, worst first", () => {
  const run = dead(1)
    .place(0, "dead")
    .place(0, "dead", { fields: allDeadFields & ~deadFields.attempts })
    .place(0, "dead", { fields: 0 });
  const verdict = judge(run);
  expect(verdict).toMatchObject({ verdict: "fail", exposed: 3, violations: 2 });
  expect(verdict).toMatchObject({ examples: [{ what: expect.stringContaining("payload") }, {}] });
});

test("is exposed to nothing without a dead letter", () => {
  const run = history();
  run.clean([0], run.process("producer"), run.process("worker"));
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 0 });
});

test("is unknown when the scan did not finish", () => {
  expect(judge(dead(1).place(0, "dead").scanned({ finished: false }))).toMatchObject({ verdict: "unknown" });
});
