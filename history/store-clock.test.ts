import { expect, test } from "vitest";
import { history, type History } from "./testing/history.ts";
import { mayHavePassed } from "./store-clock.ts";

const passed = (run: History, fromMs: number, toMs: number, ms: number): boolean | undefined =>
  mayHavePassed(run.ledger().storeClock, fromMs * 1e6, toMs * 1e6, ms);

test("a clock that goes evenly tells to about a millisecond", () => {
  const run = history({ jobs: 1 }).storeClock(0, 10_000);
  expect(passed(run, 1_050, 2_050, 1_000)).toBe(true);
  expect(passed(run, 1_050, 2_050, 1_001)).toBe(true);
  expect(passed(run, 1_050, 2_050, 1_003)).toBe(false);
  expect(passed(run, 1_020, 1_060, 60)).toBe(false);
});

test("a jump ahead makes time pass, wherever between two answers it was", () => {
  const run = history().storeClock(0, 5_000).storeClock(5_100, 10_000, 60_000);
  expect(passed(run, 4_000, 6_000, 60_000)).toBe(true);
  expect(passed(run, 4_000, 5_050, 60_000)).toBe(true);
  expect(passed(run, 4_000, 4_950, 60_000)).toBe(false);
  expect(passed(run, 5_150, 6_000, 60_000)).toBe(false);
});

test("a clock that is set back takes no time away, and gives none", () => {
  const run = history().storeClock(0, 5_000).storeClock(5_100, 10_000, -60_000);
  expect(passed(run, 4_000, 7_000, 1_000)).toBe(true);
  expect(passed(run, 4_000, 7_000, 3_000)).toBe(true);
  expect(passed(run, 4_000, 7_000, 3_010)).toBe(false);
});

test("a clock that drifts ahead makes its own time pass, before it is set back too", () => {
  const run = history();
  for (let n = 0; n < 50; n++) run.storeClock(n * 100, n * 100 + 90, n * 500);
  run.storeClock(5_000, 10_000);
  expect(passed(run, 1_000, 2_000, 5_000)).toBe(true);
  expect(passed(run, 4_000, 6_000, 6_000)).toBe(true);
  expect(passed(run, 4_000, 6_000, 9_000)).toBe(false);
  expect(passed(run, 4_910, 4_990, 500)).toBe(true);
  expect(passed(run, 4_910, 4_990, 800)).toBe(false);
  expect(passed(run, 6_000, 7_000, 1_100)).toBe(false);
});

test("where nobody asked, nothing is denied, but what really passed has passed", () => {
  const run = history().storeClock(0, 2_000).storeClock(7_000, 10_000);
  expect(passed(run, 1_000, 8_000, 6_000)).toBe(true);
  expect(passed(run, 1_000, 8_000, 8_000)).toBeUndefined();
  expect(passed(run, 1_000, 4_000, 3_500)).toBeUndefined();
  expect(passed(run, 9_000, 11_000, 2_500)).toBeUndefined();
  expect(passed(history(), 0, 1_000, 1_500)).toBeUndefined();
});

test("what an answer says that was long under way may be over when it comes", () => {
  const { storeClock } = history().storeClock(0, 2_000).storeClock(2_100, 4_000, 60_000).ledger();
  const slow = { ...storeClock, widthMs: storeClock.widthMs.map((ms, n) => (n === 20 ? 80 : ms)) };
  expect(mayHavePassed(storeClock, 1.9e9, 1.95e9, 5_000)).toBe(false);
  expect(mayHavePassed(slow, 1.9e9, 1.95e9, 5_000)).toBe(true);
});

test("an answer that took long says less", () => {
  const run = history();
  const { storeClock } = run.storeClock(0, 2_000).ledger();
  const slow = { ...storeClock, widthMs: storeClock.widthMs.map(() => 50) };
  expect(mayHavePassed(slow, 1e9, 1.5e9, 540)).toBe(true);
  expect(mayHavePassed(slow, 1e9, 1.5e9, 560)).toBe(false);
});

test("what it did while a fault may have set it wrong, and it was not there to be asked, is not known", () => {
  const run = history().storeClock(0, 2_000).storeClock(2_900, 5_000);
  expect(passed(run, 1_500, 3_500, 5_000)).toBe(false);
  const bent = run
    .at(2_100)
    .fault("clock", { effect: "clock-bent", touches: ["clock:store"] })
    .armed();
  run.at(2_800);
  bent.bit().healed();
  expect(passed(run.at(6_000), 1_500, 3_500, 5_000)).toBeUndefined();
  expect(passed(run, 3_000, 3_500, 5_000)).toBe(false);
});
