import { expect, test } from "vitest";
import type { PlaceName } from "../history/record.ts";
import { history, type History } from "../history/testing/history.ts";
import { drained } from "./drained.ts";

const judge = (run: History) => drained.check(run.ledger(), {});

const clean = (): History => {
  const run = history({ jobs: 2 });
  run.clean([0], run.process("producer"), run.process("worker"));
  return run;
};
/** Job 1 was acknowledged and then nothing. */
const left = (): History => {
  const run = clean();
  run.process("producer", { slot: 1 }).send(1).ok(1);
  return run;
};

test("passes when nothing is left", () => {
  expect(judge(clean().drain("drained", 2))).toMatchObject({
    verdict: "pass",
    judged: 1,
    counts: { drainSeconds: 2 },
  });
});

test.each<PlaceName>(["waiting", "active", "delayed"])("fails when a job is still %s", (place) => {
  const verdict = judge(left().place(1, place));
  expect(verdict).toMatchObject({ verdict: "fail", judged: 2, violations: 1, counts: { held: 1 } });
  expect(verdict).toMatchObject({ examples: [{ job: 1, what: expect.stringContaining(place) }] });
});

test("fails when a job that was settled is still kept", () => {
  expect(judge(clean().place(0, "active"))).toMatchObject({
    verdict: "fail",
    violations: 1,
    counts: { settledYetKept: 1 },
  });
});

test("without settlements, a job that ended and is still there is held", () => {
  const run = history({ tellsSettlements: false });
  run.clean([0], run.process("producer"), run.process("worker"));
  expect(judge(run.place(0, "active"))).toMatchObject({ verdict: "fail", violations: 1, counts: { held: 1 } });
});

test("fails when an enqueue without an answer is still waiting", () => {
  const run = history();
  run.process("producer").send(0).unknown(0);
  expect(judge(run.place(0, "waiting"))).toMatchObject({ verdict: "fail", judged: 1, counts: { held: 1 } });
});

test("fails on leftovers", () => {
  expect(judge(clean().scanned({ leftovers: [{ what: "lock keys", count: 3 }] }))).toMatchObject({
    verdict: "fail",
    counts: { leftovers: 1 },
    examples: [{ job: undefined, what: "Left behind in the store: 3 × lock keys." }],
  });
});

test("fails when the drain is stuck, with the jobs that are held first", () => {
  const verdict = judge(left().drain("stuck", 30).place(1, "active"));
  expect(verdict).toMatchObject({
    verdict: "fail",
    counts: { held: 1, stuck: 1 },
    examples: [{ job: 1 }, { job: undefined }],
  });
});

test("fails when the drain is stuck, even if the scan then finds nothing", () => {
  expect(judge(clean().drain("stuck", 30))).toMatchObject({ verdict: "fail", counts: { stuck: 1 } });
});

test.each([
  ["late", "still making progress"],
  ["stopped", "stopped"],
  ["unseen", "could not be looked at: connection refused"],
] as const)("is unknown when the drain is %s, whatever is left", (outcome, reason) => {
  const why = outcome === "unseen" ? "connection refused" : undefined;
  expect(judge(left().drain(outcome, 1, why).place(1, "waiting"))).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining(reason),
  });
});

test("is unknown when the run ended before the drain", () => {
  expect(judge(clean().stopped("interrupted"))).toMatchObject({ verdict: "unknown" });
});

test("is unknown when the scan is not whole, but a job that it did find fails", () => {
  expect(judge(left().scanned({ finished: false }))).toMatchObject({ verdict: "unknown" });
  expect(judge(left().place(1, "waiting").scanned({ finished: false }))).toMatchObject({ verdict: "fail" });
});

test("what the dead had read and not begun, a first run or a retry, is told with what they had begun", () => {
  const held = (place: "active" | "waiting"): History => {
    const run = history({ jobs: 4 });
    const [producer, first, second] = [
      run.process("producer"),
      run.process("worker"),
      run.process("worker", { slot: 1 }),
    ];
    for (const job of [0, 1, 2]) producer.send(job).ok(job);
    first.start(0).start(1).failed(1).at(1_000).killed();
    producer.at(30_000).send(3).ok(3);
    second.start(3).end(3).accepted(3);
    run.at(40_000).drain("stuck", 9).place(0, "active").place(1, place).place(2, place);
    return run;
  };
  expect(judge(held("active"))).toMatchObject({ verdict: "pass", counts: { heldForAnother: 3 } });
  expect(judge(held("waiting"))).toMatchObject({ verdict: "fail", counts: { held: 2, heldForAnother: 1 } });
});
