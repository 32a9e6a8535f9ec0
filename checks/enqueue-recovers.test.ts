import { expect, test } from "vitest";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import { enqueueRecovers } from "./enqueue-recovers.ts";

const judge = (run: History) => enqueueRecovers.check(run.ledger(), { boundMs: 5_000 });

/** One enqueue each 500 ms, of which those come back so; the store is away from 3 s to 6 s. */
function enqueued(answer: (ms: number, producer: ScriptedProcess, job: number) => void, untilMs = 30_000): History {
  const jobs = untilMs / 500;
  const run = history({ jobs });
  const producer = run.process("producer");
  for (let job = 0; job < jobs; job++) answer(job * 500, producer.at(job * 500).send(job), job);
  const away = run
    .at(3_000)
    .fault("stop", { effect: "store-away", touches: ["store"] })
    .armed();
  run.at(6_000);
  away.bit().healed();
  return run.at(untilMs);
}
const away = (ms: number): boolean => ms >= 3_000 && ms < 6_000;

test("passes when enqueues are acknowledged again in time, and tells how many were exposed", () => {
  const run = enqueued((ms, producer, job) => void (away(ms) ? producer.unknown(job) : producer.ok(job)));
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 47, counts: { returns: 1, longestMs: 1 } });
  const slow = enqueued(
    (ms, producer, job) => void (ms >= 3_000 && ms < 10_000 ? producer.refused(job) : producer.ok(job)),
  );
  expect(judge(slow)).toMatchObject({ verdict: "pass", counts: { longestMs: 3_501 } });
});

test("fails when all are refused, or not answered, for longer than the bound", () => {
  const never = enqueued((ms, producer, job) => void (ms >= 3_000 ? producer.refused(job) : producer.ok(job)));
  expect(judge(never)).toMatchObject({
    verdict: "fail",
    counts: { notAccepted: 1 },
    examples: [{ job: 13, what: expect.stringContaining("After stop-1 none of 47 enqueues of producer 0") }],
  });
  const silent = enqueued((ms, producer, job) => void (ms >= 3_000 ? producer : producer.ok(job)));
  expect(judge(silent)).toMatchObject({ verdict: "fail" });
});

test("one that gets through at first is no recovery, if from then on none does", () => {
  const once = enqueued(
    (ms, producer, job) => void (away(ms) || ms >= 7_000 ? producer.refused(job) : producer.ok(job)),
  );
  expect(judge(once)).toMatchObject({ verdict: "fail", counts: { notAccepted: 1 } });
});

test("a slow answer is an answer: who has too much to do is not away", () => {
  const overloaded = history({ jobs: 100 });
  const producer = overloaded.process("producer");
  for (let job = 0; job < 60; job++) producer.at(job * 500).send(job);
  const away = overloaded
    .at(3_000)
    .fault("stop", { effect: "store-away", touches: ["store"] })
    .armed();
  overloaded.at(6_000);
  away.bit().healed();
  for (let job = 0; job < 60; job++) producer.at(7_000 + job * 600).ok(job);
  expect(judge(overloaded.at(50_000))).toMatchObject({ counts: { returns: 1, longestMs: 500 } });
});

test("is unknown where the load ends before it could be told", () => {
  const refused = enqueued(
    (ms, producer, job) => void (ms >= 3_000 ? producer.refused(job) : producer.ok(job)),
    10_000,
  );
  expect(judge(refused)).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining("after stop-1 none of 7 enqueues of producer 0 was acknowledged, and they ended"),
  });
});

test("is unknown as well where one got through at first and none of the last ones did", () => {
  const refused = (fromMs: number): History =>
    enqueued((ms, producer, job) => void (away(ms) || ms >= fromMs ? producer.refused(job) : producer.ok(job)), 11_000);
  expect(judge(refused(7_000))).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining("after stop-1 none of 8 enqueues of producer 0 was acknowledged, and they ended"),
  });
  expect(judge(refused(9_500))).toMatchObject({ verdict: "pass" });
});

test("what another fault cuts short is judged after that one", () => {
  const twice = (answer: (ms: number) => "ok" | "refused") => {
    const run = enqueued((ms, producer, job) => void producer[answer(ms)](job));
    const again = run
      .at(8_000)
      .fault("stop", { effect: "store-away", touches: ["store"] })
      .armed();
    run.at(9_000);
    again.bit().healed();
    return run.at(30_000);
  };
  const back = twice((ms) => (ms >= 3_000 && ms < 12_000 ? "refused" : "ok"));
  expect(judge(back)).toMatchObject({ verdict: "pass", judged: 44, exposed: 41, counts: { returns: 2 } });
  expect(judge(twice((ms) => (ms >= 3_000 ? "refused" : "ok")))).toMatchObject({ verdict: "fail", exposed: 41 });
});

test("a wrong clock cuts nothing short, and what hinders it beyond the fault's end is waited for", () => {
  const beside = (effect: "clock-bent" | "slow", from: number, to: number) => {
    const run = enqueued((ms, producer, job) => void (ms >= 3_000 ? producer.refused(job) : producer.ok(job)));
    const touches = effect === "slow" ? (["link:producer:0"] as const) : (["clock:producer:0"] as const);
    const other = run.at(from).fault("other", { effect, touches }).armed();
    run.at(to);
    other.bit().healed();
    return judge(run.at(30_000));
  };
  expect(beside("clock-bent", 7_000, 9_000)).toMatchObject({ verdict: "fail", counts: { returns: 1 } });
  expect(beside("clock-bent", 5_000, 9_000)).toMatchObject({ verdict: "fail", counts: { returns: 1 } });
  expect(beside("slow", 5_000, 9_000)).toMatchObject({
    verdict: "fail",
    counts: { returns: 1 },
    examples: [{ what: expect.stringContaining("from 9.5 s") }],
  });
});

test("is exposed to nothing where no producer lost its store, or none enqueued afterwards", () => {
  const run = history({ jobs: 2 });
  run.clean([0, 1], run.process("producer"), run.process("worker"));
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 0 });
  expect(judge(enqueued((_, producer, job) => void producer.unknown(job), 6_000))).toMatchObject({ exposed: 0 });
});

test("is in doubt where the producer's file is not whole", () => {
  const run = enqueued((ms, producer, job) => {
    if (ms === 4_000) producer.gap();
    if (ms >= 3_000) producer.refused(job);
    else producer.ok(job);
  });
  expect(judge(run)).toMatchObject({ verdict: "unknown" });
});
