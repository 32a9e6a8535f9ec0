import { expect, test } from "vitest";
import { alwaysFails, killsItsWorker } from "../history/record.ts";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import { deadLetterExactlyOnce } from "./dead-letter-exactly-once.ts";

const judge = (run: History, terms = {}) => deadLetterExactlyOnce.check(run.ledger(), terms);

interface Fleet {
  readonly run: History;
  readonly first: ScriptedProcess;
  readonly second: ScriptedProcess;
}
/** Job 0 was sent and acknowledged, to be tried twice. */
function fleet(plannedFailures = alwaysFails, facts: { readonly tellsSettlements?: boolean } = {}): Fleet {
  const run = history({ attempts: 2, ...facts });
  run.process("producer").send(0, { plannedFailures }).ok(0);
  return { run, first: run.process("worker"), second: run.process("worker", { slot: 1 }) };
}
const exhaust = (worker: ScriptedProcess): ScriptedProcess =>
  worker.start(0, { attempt: 1 }).failed(0, { attempt: 1 }).start(0, { attempt: 2 }).failed(0, { attempt: 2 });

test("passes when the exhausted job is there once", () => {
  const { run, first } = fleet();
  exhaust(first).accepted(0, { attempt: 2, as: "dead" });
  expect(judge(run.place(0, "dead"))).toMatchObject({ verdict: "pass", exposed: 1, counts: { exhausted: 1, dead: 1 } });
});

test("passes when a kill between the last failure and its settlement made that attempt run again", () => {
  const { run, first, second } = fleet();
  exhaust(first).killed();
  second.start(0, { attempt: 2 }).failed(0, { attempt: 2 }).accepted(0, { attempt: 2, as: "dead" });
  expect(judge(run.place(0, "dead"))).toMatchObject({ verdict: "pass", exposed: 1 });
});

test("passes when the last attempt failed at a stale owner, but ended at the new one", () => {
  const { run, first, second } = fleet(1);
  exhaust(first);
  second.start(0, { attempt: 2 }).end(0, { attempt: 2 }).accepted(0, { attempt: 2 });
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 0 });
});

test("fails when there are two copies", () => {
  const { run, first } = fleet();
  exhaust(first).accepted(0, { as: "dead" });
  expect(judge(run.place(0, "dead").place(0, "dead"))).toMatchObject({
    verdict: "fail",
    violations: 1,
    counts: { copies: 1 },
  });
});

test("fails when a job is dead of nothing", () => {
  const { run, first } = fleet();
  first.start(0).failed(0).start(0, { attempt: 2 }).accepted(0, { attempt: 2, as: "dead" });
  expect(judge(run.place(0, "dead"))).toMatchObject({
    verdict: "fail",
    counts: { deadTooSoon: 1 },
    examples: [{ job: 0, what: expect.stringContaining("2 starts, 1 failures, 0 ends") }],
  });
});

test("a job that kept killing its workers is dead by poison, where that is a term", () => {
  const { run, first, second } = fleet();
  first.start(0).killed();
  second.start(0).killed();
  run.place(0, "dead");
  expect(judge(run, { poisonAfter: 2 })).toMatchObject({ verdict: "pass" });
  expect(judge(run, { poisonAfter: 3 })).toMatchObject({ verdict: "fail", counts: { deadTooSoon: 1 } });
  expect(judge(run)).toMatchObject({ verdict: "fail", counts: { deadTooSoon: 1 } });
});

test.each([true, false])("fails when a job is both dead and done (settlements told: %s)", (tellsSettlements) => {
  const { run, first, second } = fleet(alwaysFails, { tellsSettlements });
  exhaust(first);
  second.start(0, { attempt: 3 }).end(0, { attempt: 3 });
  if (tellsSettlements) second.accepted(0, { attempt: 3 });
  expect(judge(run.place(0, "dead"))).toMatchObject({ verdict: "fail", violations: 1, counts: { deadAndDone: 1 } });
});

test("fails when an exhausted job was tried once more and is done", () => {
  const { run, first } = fleet(2);
  exhaust(first).start(0, { attempt: 3 }).end(0, { attempt: 3 }).accepted(0, { attempt: 3 });
  expect(judge(run)).toMatchObject({ verdict: "fail", violations: 1, counts: { exhaustedNotDead: 1 } });
});

test("leaves the exhausted that are lost, held or settled without a run to others", () => {
  const lost = fleet();
  exhaust(lost.first).accepted(0, { as: "dead" });
  expect(judge(lost.run)).toMatchObject({ verdict: "pass", exposed: 1 });
  const held = fleet();
  exhaust(held.first);
  expect(judge(held.run.place(0, "active"))).toMatchObject({ verdict: "pass" });
  const settled = fleet();
  exhaust(settled.first).accepted(0);
  expect(judge(settled.run)).toMatchObject({ verdict: "pass" });
});

test("is unknown when failures may be missing", () => {
  const { run, first } = fleet();
  first.start(0).gap().accepted(0, { as: "dead" });
  expect(judge(run.place(0, "dead"))).toMatchObject({ verdict: "unknown", counts: { unsure: 1 } });
});

test("is unknown when the scan is not whole", () => {
  const { run, first } = fleet();
  exhaust(first).accepted(0, { as: "dead" });
  expect(judge(run.place(0, "dead").scanned({ agrees: false }))).toMatchObject({ verdict: "unknown" });
});

test("leaves to others a job that is dead of a failure too early, or twice because there were two of it, and poison", () => {
  const early = fleet();
  early.first.start(0).failed(0).accepted(0, { as: "dead" });
  expect(judge(early.run.place(0, "dead"))).toMatchObject({ verdict: "pass", exposed: 0 });
  const twice = fleet();
  exhaust(twice.first).accepted(0, { attempt: 2, as: "dead" });
  exhaust(twice.second).accepted(0, { attempt: 2, as: "dead" });
  expect(judge(twice.run.place(0, "dead").place(0, "dead"))).toMatchObject({ verdict: "pass", exposed: 1 });
  const poison = fleet(killsItsWorker);
  poison.first.start(0).killed();
  expect(judge(poison.run.place(0, "dead"))).toMatchObject({ verdict: "pass", exposed: 0 });
});
