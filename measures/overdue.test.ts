/** How late jobs were though a hand was free: the same intervals as the checks have, as a distribution. */
import { expect, test } from "vitest";
import { history, type History } from "../history/testing/history.ts";
import { overdue } from "./overdue.ts";

/** The histogram keeps three digits. */
const about = (ms: number): unknown => expect.closeTo(ms, ms >= 1_000 ? -1.5 : 1);

/** Two workers; the first starts a job every 400 ms, and the script has the jobs 0 and 1. */
function going(
  script: (run: History, cast: Record<"producer" | "first" | "second", ReturnType<History["process"]>>) => void,
): History {
  const others = 75;
  const run = history({ jobs: 2 + others });
  const [producer, first, second] = [
    run.process("producer"),
    run.process("worker"),
    run.process("worker", { slot: 1 }),
  ];
  for (let other = 0; other < others; other++) run.at(50 + other * 400).clean([2 + other], producer, first);
  script(run, { producer, first, second });
  return run.at(30_000);
}

const measured = (run: History) => overdue.measure(run.ledger());

test("most jobs are not late at all, and one that lay beside a free hand is as late as that", () => {
  const { summary, parts } = measured(
    going((_, { producer, second }) => {
      producer.at(2_000).send(0).ok(0);
      second.at(14_000).start(0).end(0).accepted(0);
    }),
  );
  expect(summary).toMatchObject({ count: 76, p50: 0, max: about(12_000) });
  expect(parts["first starts"]?.summary).toMatchObject({ count: 76, max: about(12_000) });
  expect(parts["behind full hands"]?.summary).toMatchObject({ max: 0 });
});

test("a delay counts from its end, a retry from the longest that its backoff may take", () => {
  const { parts } = measured(
    going((_, { producer, second }) => {
      producer.at(2_000).send(0, { delayMs: 3_000 }).ok(0).send(1, { plannedFailures: 1 }).ok(1);
      second.at(2_100).start(1).failed(1);
      second.at(15_000).start(0).end(0).accepted(0);
      second.at(20_100).start(1, { attempt: 2 }).end(1, { attempt: 2 }).accepted(1, { attempt: 2 });
    }),
  );
  expect(parts["after a delay"]?.summary).toMatchObject({ count: 1, max: about(10_000) });
  const { count, max } = parts["retries"]?.summary ?? { count: 0, max: 0 };
  expect(count).toBe(1);
  // Due at 2.1 s, with what the settlement and the backoff may take.
  expect(max).toBeGreaterThan(12_000);
  expect(max).toBeLessThan(17_500);
});

test("what a fault explains is not late", () => {
  const { summary } = measured(
    going((run, { producer, second }) => {
      producer.at(2_000).send(0).ok(0);
      const fault = run.at(3_000).fault("f", { effect: "cut-off", touches: ["link:worker:1"] });
      fault.armed();
      run.at(9_000);
      fault.bit().healed();
      second.at(13_000).start(0).end(0).accepted(0);
    }),
  );
  expect(summary?.max).toBeLessThan(1_001);
});
