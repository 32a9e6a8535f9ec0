import { expect, test } from "vitest";
import { deadFieldNames, deadFields, noWorker } from "../history/record.ts";
import { allDeadFields, history, type FoundDead, type History } from "../history/testing/history.ts";
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

/**
 * Sent at 100, failed for good at 5,000 by process 2, while process 3 looked on; its entry says so, unless it is told
 * otherwise.
 */
function letter(
  says: Partial<NonNullable<FoundDead["says"]>> & { readonly attempts?: number } = {},
  meanwhile: (run: History) => void = () => {},
  asked: (run: History) => History = (run) => run.storeClock(-1_000, 12_000),
): History {
  const run = asked(history({ jobs: 1, attempts: 2 }));
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.process("worker", { slot: 1 });
  producer.at(100).send(0, { plannedFailures: 2 }).ok(0);
  worker.at(110).start(0).failed(0).at(4_990);
  worker.start(0, { attempt: 2 }).at(5_000).failed(0, { attempt: 2 }).accepted(0, { attempt: 2, as: "dead" });
  meanwhile(run);
  const { attempts = 2, ...told } = says;
  return run.at(11_000).place(0, "dead", { attempts, says: { enqueued: 101, failed: 5_001, by: 2, ...told } });
}
const held = (run: History) => deadLetterComplete.check(run.ledger(), { fields: [...deadFieldNames] });

test("passes what agrees with the record, to the second and by whoever's clock", () => {
  expect(held(letter())).toMatchObject({ verdict: "pass", exposed: 1 });
  expect(held(letter({ enqueued: -800, failed: 4_100 }))).toMatchObject({ verdict: "pass" });
});

test.each([
  ["a worker that there never was", { by: noWorker }, "worker"],
  ["a worker that never ran it", { by: 3 }, "worker"],
  ["its retry's time for that of its sending", { enqueued: 4_990 }, "enqueuedAt"],
  ["a time before it was sent", { enqueued: -5_000 }, "enqueuedAt"],
  ["1970", { enqueued: -1_700_000_000_000 + 1 }, "enqueuedAt"],
  ["its first failure's time for that of its last", { failed: 111 }, "failedAt"],
  ["a time that was still to come", { failed: 60_000 }, "failedAt"],
  ["an attempt less", { attempts: 1 }, "attempts"],
  ["an attempt more", { attempts: 3 }, "attempts"],
] as const)("fails an entry that has %s", (_, says, field) => {
  expect(held(letter(says))).toMatchObject({
    verdict: "fail",
    violations: 1,
    examples: [{ job: 0, what: `The dead-letter entry of job 0 lacks, or has wrong: ${field}.` }],
  });
});

test("an answer of the store that was read late is worth what it was when it was asked for", () => {
  const stalled = (run: History): History =>
    run.storeClock(-1_000, 3_600).storeClock(5_200, 5_200, -1_500, 1_500).storeClock(7_000, 12_000);
  expect(held(letter({}, undefined, stalled))).toMatchObject({ verdict: "pass" });
  expect(held(letter({ failed: 60_000 }, undefined, stalled))).toMatchObject({ verdict: "fail" });
  expect(held(letter({ failed: 111 }, undefined, stalled))).toMatchObject({ verdict: "fail" });
});

test("holds times against no clock that was bent, and against none that nobody asked", () => {
  const bent = (run: History): void => {
    const skew = run
      .at(3_000)
      .fault("skew", { effect: "clock-bent", touches: ["clock:store"] })
      .armed();
    run.at(4_000);
    skew.bit().healed();
  };
  expect(held(letter({ failed: 90_000 }, bent))).toMatchObject({ verdict: "pass" });
  expect(held(letter({ failed: 90_000, by: 3 }, bent))).toMatchObject({ verdict: "fail" });
});

test("what only the lives of workers contradict is in doubt where a file of theirs is not whole", () => {
  const torn = letter({ by: 3 }, (run) => void run.process("worker", { slot: 2, spawned: "now" }).gap().corrupt());
  expect(held(torn)).toMatchObject({ verdict: "unknown" });
});
