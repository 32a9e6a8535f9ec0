import { expect, test } from "vitest";
import { history, type History } from "../history/testing/history.ts";
import { delayedNotEarly } from "./delayed-not-early.ts";

const judge = (run: History) => delayedNotEarly.check(run.ledger(), {});

/** Job 0 is sent at 1 s with a delay of 2 s, and started at that time. */
function delayed(startedAt: number): History {
  const run = history();
  run.process("producer").at(1_000).send(0, { delayMs: 2_000 }).ok(0);
  run.process("worker").at(startedAt).start(0).end(0).accepted(0);
  run.at(10_000);
  return run;
}

test("passes when the delay was over, fails when it was not", () => {
  expect(judge(delayed(3_001).storeClock(0, 10_000))).toMatchObject({
    verdict: "pass",
    exposed: 1,
    counts: { judged: 1, unjudged: 0 },
  });
  expect(judge(delayed(2_990).storeClock(0, 10_000))).toMatchObject({
    verdict: "fail",
    violations: 1,
    counts: { early: 1 },
    examples: [{ job: 0, what: expect.stringContaining("1990 ms after it was sent; its delay was 2000 ms") }],
  });
});

test("counts by the store's clock, wherever between sending and start it jumped", () => {
  expect(judge(delayed(2_000).storeClock(0, 1_500).storeClock(1_600, 10_000, 60_000))).toMatchObject({
    verdict: "pass",
  });
  expect(judge(delayed(2_900).storeClock(0, 1_500).storeClock(1_600, 10_000, -60_000))).toMatchObject({
    verdict: "fail",
  });
  expect(judge(delayed(3_700).storeClock(0, 1_500).storeClock(1_600, 10_000, -60_000))).toMatchObject({
    verdict: "pass",
  });
});

test("only the first start counts, and a job without a delay not at all", () => {
  const run = history({ jobs: 2 }).storeClock(0, 10_000);
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([1], producer, worker);
  producer.send(0, { delayMs: 2_000, plannedFailures: 1 }).ok(0);
  worker.at(2_100).start(0).failed(0).start(0, { attempt: 2 }).end(0, { attempt: 2 }).accepted(0, { attempt: 2 });
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 1 });
});

test("is unknown when the store's clock is not known", () => {
  expect(judge(delayed(1_500))).toMatchObject({ verdict: "unknown", counts: { judged: 0, unjudged: 1 } });
});
