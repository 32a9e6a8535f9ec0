import { expect, test } from "vitest";
import type { Json } from "../std/json.ts";
import { history } from "../history/testing/history.ts";
import { noAckedLoss } from "./no-acked-loss.ts";

const judge = (run: ReturnType<typeof history>) => noAckedLoss.check(run.ledger(), {});

test("passes when every acknowledged job is done, dead or still there", () => {
  const run = history({ jobs: 3, attempts: 1 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([0], producer, worker);
  producer.send(1).ok(1);
  worker.start(1).failed(1).accepted(1, { as: "dead" });
  producer.send(2).ok(2);
  run.place(1, "dead").place(2, "waiting");
  expect(judge(run)).toMatchObject({ verdict: "pass", judged: 3, counts: { acknowledged: 3, recovered: 0 } });
});

test("fails when an acknowledged job never ran and is nowhere", () => {
  const run = history({ jobs: 2 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([0], producer, worker);
  producer.send(1).ok(1);
  const verdict = judge(run);
  expect(verdict).toMatchObject({ verdict: "fail", judged: 2, violations: 1, counts: { vanished: 1 } });
  expect(verdict).toMatchObject({
    examples: [{ job: 1, what: expect.stringContaining("never ran"), life: [{ kind: "send" }, { kind: "ok" }] }],
  });
});

test("fails when a job was started, never finished, and is nowhere", () => {
  const run = history();
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.send(0).ok(0);
  worker.start(0).killed();
  expect(judge(run)).toMatchObject({ verdict: "fail", violations: 1 });
});

test("fails when a job was settled as dead and is not in the dead-letter place", () => {
  const run = history({ attempts: 1 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.send(0).ok(0);
  worker.start(0).failed(0).accepted(0, { as: "dead" });
  expect(judge(run)).toMatchObject({ verdict: "fail", violations: 1 });
});

test("a job that ended is not lost when its process was killed before it could tell of the settlement", () => {
  const run = history();
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.send(0).ok(0);
  worker.start(0).end(0).killed();
  expect(judge(run)).toMatchObject({ verdict: "pass", judged: 1 });
});

test("a job that ended is not lost when the answer to its settlement was", () => {
  const run = history();
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.send(0).ok(0);
  worker.start(0).end(0).settlementUnknown(0);
  expect(judge(run)).toMatchObject({ verdict: "pass", judged: 1 });
});

test("a job whose settlement was refused, and which is nowhere, is lost", () => {
  const run = history();
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.send(0).ok(0);
  worker.start(0).end(0).settlementRefused(0);
  expect(judge(run)).toMatchObject({ verdict: "fail", violations: 1 });
});

test("without settlements, an end is enough", () => {
  const run = history({ jobs: 2, tellsSettlements: false });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([0], producer, worker);
  producer.send(1).ok(1);
  expect(judge(run)).toMatchObject({ verdict: "fail", violations: 1, examples: [{ job: 1 }] });
});

test("an enqueue without an answer is never lost, unless it was seen to run", () => {
  const run = history({ jobs: 3 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.send(0).unknown(0).send(1).send(2).refused(2);
  expect(judge(run)).toMatchObject({ verdict: "pass", judged: 0, counts: { acknowledged: 0, unknownNeverSeen: 2 } });
  worker.start(0).killed();
  expect(judge(run)).toMatchObject({ verdict: "fail", violations: 1, counts: { recovered: 1 } });
});

test("is unknown when the end may stand in a file that is not whole", () => {
  const run = history();
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.send(0).ok(0);
  worker.gap().start(0);
  expect(judge(run)).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining("worker"),
    counts: { unsure: 1 },
  });
});

test("is unknown when an acknowledgement may be missing", () => {
  const run = history();
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([0], producer, worker);
  producer.gap().send(0);
  expect(judge(run)).toMatchObject({ verdict: "unknown", reason: expect.stringContaining("producer") });
});

test("a loss that is certain fails, although an acknowledgement may be missing", () => {
  const run = history();
  const producer = run.process("producer");
  run.process("worker");
  producer.send(0).gap().ok(0);
  expect(judge(run)).toMatchObject({ verdict: "fail", violations: 1 });
});

test.each([
  { finished: false, why: "the store did not answer" },
  { agrees: false, why: "12 read, 13 counted" },
])("is unknown when the scan is not whole: %o", (scan) => {
  const run = history();
  run.process("producer").send(0).ok(0);
  run.scanned(scan);
  expect(judge(run)).toMatchObject({ verdict: "unknown", reason: expect.stringContaining(scan.why) });
});

type Facts = Readonly<Record<string, Json>>;

/** The store crashes between 1 and 1.2 s; `facts` say what it may have forgotten, `back` what it has not. */
function crashed(facts: Facts, answeredAt: number, back: Facts = {}): ReturnType<typeof history> {
  const run = history();
  const producer = run.process("producer");
  run.process("worker");
  producer
    .at(answeredAt - 1)
    .send(0)
    .ok(0);
  const stop = run.at(1_000).fault("broker-stop", { effect: "store-away", touches: ["store"] });
  run.at(1_200);
  stop.armed().bit(facts).healed(back);
  return run;
}

test.each([
  ["in the span that the store may have forgotten", { mayForgetMs: 500 }, 600, "unknown"],
  ["before that", { mayForgetMs: 500 }, 400, "fail"],
  ["when a store had gone for long", { mayForgetMs: 500 }, 9_000, "fail"],
  ["shortly before a crash that took nothing", {}, 999, "fail"],
] as const)("a job that was acknowledged %s, and is nowhere", (_, facts, answeredAt, verdict) => {
  const judged = judge(crashed(facts, answeredAt));
  expect(judged).toMatchObject({ verdict });
  if (verdict === "unknown") expect(judged).toMatchObject({ reason: expect.stringContaining("broker-stop-1") });
});

const ended = { mayForgetMs: 500, stopped: "one two" };

test.each([
  ["that is there", { keptMs: { one: 150, two: 160 } }, 1_149, "fail"],
  ["that is there, and after it", { keptMs: { one: 150, two: 160 } }, 1_151, "unknown"],
  ["of which one server has the first alone", { keptMs: { one: 3, two: 160 } }, 1_149, "unknown"],
  ["that is nowhere", { keptMs: { one: 150 } }, 600, "unknown"],
  ["that is nowhere, long before", { keptMs: { one: 150 } }, 499, "fail"],
  ["of an earlier life", { keptMs: { one: 150, before: 160 } }, 600, "unknown"],
  ["of which nothing was told", {}, 600, "unknown"],
])("a job that was acknowledged before a write of the fault %s, and is nowhere", (_, back, answeredAt, verdict) => {
  expect(judge(crashed(ended, answeredAt, back))).toMatchObject({ verdict });
});

test("one that was never acknowledged, and ran, may be forgotten by when it ran", () => {
  const run = history();
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.at(600).send(0).unknown(0);
  worker.start(0).at(1_100).killed();
  run
    .at(1_000)
    .fault("broker-stop", { effect: "store-away", touches: ["store"] })
    .armed()
    .bit({ mayForgetMs: 500 })
    .healed();
  expect(judge(run)).toMatchObject({ verdict: "unknown" });
});
