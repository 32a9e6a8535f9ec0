import { expect, test } from "vitest";
import { mayForgetMs } from "../history/journal.ts";
import { history, type History } from "../history/testing/history.ts";
import { deduplicated } from "./deduplicated.ts";

const judge = (run: History) => deduplicated.check(run.ledger(), {});

/** Job 0 is written, and run. */
function written(jobs = 2) {
  const run = history({ jobs, repeats: true });
  const [producer, other, worker] = [
    run.process("producer"),
    run.process("producer", { slot: 1 }),
    run.process("worker"),
  ];
  return { run, producer, other, worker };
}

test("a repetition that is answered with the first's id, and never run, is how it has to be", () => {
  const { run, producer, other, worker } = written(4);
  producer.send(0).ok(0, "a");
  other.send(1, { repeats: 0 }).duplicate(1, "a");
  run.at(3_000);
  producer.send(2, { repeats: 0 }).unknown(2);
  other.send(3, { repeats: 0 }).refused(3);
  worker.start(0).end(0).accepted(0);
  expect(judge(run)).toMatchObject({
    verdict: "pass",
    judged: 3,
    exposed: 1,
    counts: { repetitions: 3, duplicates: 1 },
  });
});

test("whichever of them was written, it is the only one", () => {
  const { run, producer, other, worker } = written();
  producer.send(0);
  other.send(1, { repeats: 0 }).ok(1, "b");
  producer.duplicate(0, "b");
  worker.start(1).end(1).accepted(1);
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 1 });
});

test("the first was not answered: what came of it is one job all the same", () => {
  const { run, producer, other, worker } = written();
  producer.send(0).unknown(0);
  other.send(1, { repeats: 0 }).duplicate(1, "a");
  worker.start(0).end(0).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "pass", counts: { afterNoAnswer: 1 } });
  const lost = written();
  lost.producer.send(0).unknown(0);
  lost.other.send(1, { repeats: 0 }).ok(1, "b");
  lost.worker.start(1).end(1).accepted(1);
  expect(judge(lost.run)).toMatchObject({ verdict: "pass", counts: { afterNoAnswer: 1 } });
});

test("two that were acknowledged as themselves, or run, are two", () => {
  const { run, producer, other } = written();
  producer.send(0).ok(0, "a");
  other.send(1, { repeats: 0 }).ok(1, "b");
  expect(judge(run)).toMatchObject({
    verdict: "fail",
    counts: { writtenTwice: 1 },
    examples: [{ job: 1, what: expect.stringContaining("Jobs 0 and 1 were enqueued under one key") }],
  });
  const unanswered = written();
  unanswered.producer.send(0).unknown(0);
  unanswered.other.send(1, { repeats: 0 }).ok(1, "b");
  unanswered.worker.start(0).end(0).accepted(0).start(1).end(1).accepted(1);
  expect(judge(unanswered.run)).toMatchObject({ verdict: "fail", counts: { writtenTwice: 1 } });
  const both = written();
  both.producer.send(0).ok(0, "a");
  both.other.send(1, { repeats: 0 }).duplicate(1, "a");
  both.worker.start(0).end(0).accepted(0).start(1);
  expect(judge(both.run)).toMatchObject({ verdict: "fail", counts: { writtenTwice: 1 } });
});

test("after the window it is another job, and nobody's violation where it may have been over", () => {
  const { run, producer, other } = written();
  producer.send(0).ok(0, "a");
  run.at(59_000);
  other.send(1, { repeats: 0 });
  run.at(61_000);
  other.ok(1, "b");
  expect(judge(run)).toMatchObject({ verdict: "pass", judged: 1, exposed: 0 });
  const within = written();
  within.producer.send(0).ok(0, "a");
  within.run.at(59_000);
  within.other.send(1, { repeats: 0 }).ok(1, "b");
  expect(judge(within.run)).toMatchObject({ verdict: "fail" });
});

test("a receipt names a job that there is, and the right one", () => {
  const nowhere = written();
  nowhere.producer.send(0).unknown(0);
  nowhere.other.send(1, { repeats: 0 }).duplicate(1, "a");
  expect(judge(nowhere.run)).toMatchObject({ verdict: "fail", counts: { nowhere: 1 }, examples: [{ job: 1 }] });
  nowhere.run.place(0, "delayed");
  expect(judge(nowhere.run)).toMatchObject({ verdict: "pass" });
  const stranger = written();
  stranger.producer.send(0).ok(0, "a");
  stranger.other.send(1, { repeats: 0 }).duplicate(1, "b");
  expect(judge(stranger.run)).toMatchObject({ verdict: "fail", counts: { otherId: 1 } });
});

test("what a crashed store may have forgotten it may write again", () => {
  for (const mayForget of [0, 2_000]) {
    const { run, producer, other } = written();
    producer.at(1_000).send(0).ok(0, "a");
    const stop = run
      .at(2_000)
      .fault("broker-stop", { effect: "store-away", touches: ["store"] })
      .armed();
    run.at(4_000);
    stop.bit(mayForget === 0 ? {} : { [mayForgetMs]: mayForget }).healed();
    other.at(6_000).send(1, { repeats: 0 }).ok(1, "b");
    expect(judge(run)).toMatchObject({ verdict: mayForget === 0 ? "fail" : "unknown" });
  }
});

test("without all files nothing is proven, and what was seen is", () => {
  const { run, producer, other, worker } = written();
  producer.send(0).ok(0, "a");
  other.send(1, { repeats: 0 }).duplicate(1, "a");
  worker.gap().start(0);
  expect(judge(run)).toMatchObject({ verdict: "unknown" });
  worker.start(1);
  expect(judge(run)).toMatchObject({ verdict: "fail" });
});
