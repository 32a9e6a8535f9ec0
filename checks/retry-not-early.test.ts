import { expect, test } from "vitest";
import { history, type History } from "../history/testing/history.ts";
import { retryNotEarly } from "./retry-not-early.ts";

const judge = (run: History, terms: { readonly factor: number; readonly capMs?: number } = { factor: 2 }) =>
  retryNotEarly.check(run.ledger(), terms);

/** Job 0 fails at 1 s and is tried again after that wait, and so on; its first backoff is 1 s. */
function retried(...waits: readonly number[]): History {
  const run = history({ attempts: 5, backoffMs: 1_000 });
  run.process("producer").send(0, { plannedFailures: 4 }).ok(0);
  const worker = run.process("worker");
  let at = 1_000;
  for (const [index, wait] of waits.entries()) {
    worker
      .at(at - 1)
      .start(0, { attempt: index + 1 })
      .failed(0, { attempt: index + 1 });
    at += wait;
  }
  worker.at(at).start(0, { attempt: waits.length + 1 });
  return run;
}

test("passes when each wait was at least the backoff, which doubles", () => {
  expect(judge(retried(1_010, 2_010, 6_000).storeClock(0, 20_000))).toMatchObject({
    verdict: "pass",
    exposed: 1,
    counts: { judged: 3, unjudged: 0 },
  });
});

test.each([
  ["ignored", [300]],
  ["short by a little", [980]],
  ["not grown", [1_010, 1_010]],
])("fails when it was %s", (_, waits) => {
  expect(judge(retried(...waits).storeClock(0, 20_000))).toMatchObject({
    verdict: "fail",
    violations: 1,
    counts: { early: 1 },
    examples: [{ job: 0, what: expect.stringContaining("had not passed by the store's clock") }],
  });
});

test("a backoff that stays the same, or grows to a cap, is one by its terms", () => {
  expect(judge(retried(1_010, 1_010).storeClock(0, 20_000), { factor: 1 })).toMatchObject({ verdict: "pass" });
  expect(judge(retried(1_010, 1_510).storeClock(0, 20_000), { factor: 2, capMs: 1_500 })).toMatchObject({
    verdict: "pass",
  });
});

test("it is the store's clock that counts: set ahead it makes the retry due, set back it takes nothing away", () => {
  const ahead = retried(300).storeClock(0, 1_100).storeClock(1_200, 20_000, 5_000);
  expect(judge(ahead)).toMatchObject({ verdict: "pass", exposed: 1 });
  const back = (wait: number) => retried(wait).storeClock(0, 1_400).storeClock(1_500, 20_000, -5_000);
  expect(judge(back(900))).toMatchObject({ verdict: "fail" });
  expect(judge(back(1_010))).toMatchObject({ verdict: "pass", exposed: 1 });
});

test("a repeat of the failed attempt does not shorten the wait, nor make it due anew", () => {
  const run = history({ attempts: 5, backoffMs: 1_000 }).storeClock(0, 20_000);
  run.process("producer").send(0, { plannedFailures: 1 }).ok(0);
  const [first, second] = [run.process("worker"), run.process("worker", { slot: 1 })];
  first.at(1_000).start(0).failed(0);
  second.at(1_900).start(0).failed(0);
  first.at(2_100).start(0, { attempt: 2 });
  expect(judge(run)).toMatchObject({ verdict: "pass", exposed: 1 });
});

test("counts what it could not judge, and is unknown when that was all", () => {
  expect(judge(retried(1_010, 1_500).storeClock(0, 2_050))).toMatchObject({
    verdict: "pass",
    exposed: 1,
    counts: { judged: 1, unjudged: 1 },
  });
  expect(judge(retried(100))).toMatchObject({ verdict: "unknown", counts: { unjudged: 1 } });
});
