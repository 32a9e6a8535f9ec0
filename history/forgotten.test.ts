import { expect, test } from "vitest";
import { forgottenBy } from "./forgotten.ts";
import { history } from "./testing/history.ts";

/** A crash at 2.1 s of a store that is back at 2.6 s, and whether what a worker reads then may be forgotten. */
function mayBeForgotten(readAt: number, stoodUntil?: number, cut = false): boolean {
  const run = history();
  run.process("producer");
  const worker = run.process("worker");
  if (stoodUntil !== undefined) worker.at(stoodUntil - 1_000).stalled(1_000);
  const link = cut
    ? run
        .at(1_500)
        .fault("cut", { effect: "cut-off", touches: ["link:worker:0"] })
        .armed()
    : undefined;
  const stop = run.at(2_000).fault("broker-stop", { effect: "store-away", touches: ["store"] });
  run.at(2_100);
  stop.armed().bit({ mayForgetMs: 500 });
  run.at(2_600);
  stop.healed();
  run.at(4_000);
  link?.bit().healed();
  const ledger = run.ledger();
  return forgottenBy(ledger, readAt * 1e6, 2) !== undefined;
}

test("what was read before the crash, or at once, may be forgotten, and nothing of the store that is back", () => {
  expect([1_400, 1_600, 2_300, 2_900].map((at) => mayBeForgotten(at))).toEqual([false, true, true, false]);
});

test("who stood still when it went reads the answer later, and so does who has a bad link", () => {
  expect([2_900, 3_300].map((at) => mayBeForgotten(at, 2_800))).toEqual([true, false]);
  expect([2_900, 3_300].map((at) => mayBeForgotten(at, undefined, true))).toEqual([true, false]);
});
