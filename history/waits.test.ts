import { expect, test } from "vitest";
import { history, type History } from "./testing/history.ts";
import { forEachRetry } from "./waits.ts";

/** Backoffs of 1 s, doubled each time; a failure is said within a second. [due, started at], ms. */
function retries(run: History): readonly (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  const ms = (ns: number): number => Math.round(ns / 10e6) * 10;
  const each = (_job: number, due: number, _soonest: number, startedAt: number): void =>
    void found.push([ms(due), ms(startedAt)]);
  expect(forEachRetry(run.at(60_000).ledger(), { factor: 2, capMs: 60_000, jitter: 0 }, each)).toBe(0);
  return found;
}

function twoHolders(
  script: (run: History, stale: ReturnType<History["process"]>, other: ReturnType<History["process"]>) => void,
) {
  const run = history({ backoffMs: 1000 });
  const [producer, stale, other] = [run.process("producer"), run.process("worker"), run.process("worker", { slot: 1 })];
  producer.at(500).send(0, { plannedFailures: 2 }).ok(0);
  stale.at(1_000).start(0);
  script(run, stale, other);
  return retries(run);
}

test("what somebody says of an attempt that is over makes no later one due", () => {
  const found = twoHolders((_, stale, other) => {
    other.at(2_000).start(0).at(2_100).failed(0);
    other.at(4_100).start(0, { attempt: 2 }).at(4_200).failed(0, { attempt: 2 });
    stale.at(4_500).failed(0);
    other.at(7_300).start(0, { attempt: 3 }).end(0, { attempt: 3 });
  });
  expect(found).toEqual([
    [4_100, 4_100],
    [7_200, 7_300],
  ]);
});

test("who is refused has decided nothing", () => {
  const found = twoHolders((_, stale, other) => {
    other.at(2_000).start(0).at(2_100).failed(0);
    stale.at(9_000).failed(0).at(9_100).settlementRefused(0);
    other.at(9_500).start(0, { attempt: 2 }).end(0, { attempt: 2 });
  });
  expect(found).toEqual([[4_100, 9_500]]);
});

test("where two failed on the same attempt, it is due by the later of them", () => {
  const found = twoHolders((_, stale, other) => {
    other.at(2_000).start(0).at(2_100).failed(0);
    stale.at(3_000).failed(0);
    other.at(9_500).start(0, { attempt: 2 }).end(0, { attempt: 2 });
  });
  expect(found).toEqual([[5_000, 9_500]]);
});
