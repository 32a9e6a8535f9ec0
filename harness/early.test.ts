/** What ends a run under way: only what can no longer be held. */
import { expect, test } from "vitest";
import { measures } from "../measures/index.ts";
import { history } from "../history/testing/history.ts";
import { missedSoFar } from "./early-look.ts";
import { pauseAfter } from "./early.ts";

/** So many of a hundred jobs were sent, and the last so many of these are still waiting, 3 s later. */
function underWay(sent: number, waiting: number) {
  const run = history({ jobs: 100 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  for (let job = 0; job < sent; job++) producer.at(job).send(job).ok(job);
  for (let job = 0; job < sent - waiting; job++)
    worker
      .at(sent + 2 + job)
      .start(job)
      .end(job)
      .accepted(job);
  run.at(3000);
  producer.leftRunning();
  worker.leftRunning();
  return run.stopped("not yet").ledger();
}
const missed = (ledger: ReturnType<typeof underWay>, text: string, endsRun = true) =>
  missedSoFar(ledger, [{ text, endsRun, askedBy: "command" }], measures);

test("a percentile that no job to come can save", () => {
  expect(missed(underWay(50, 6), "p95(end-to-end) < 1s")).toMatchObject([{ text: "p95(end-to-end) < 1s" }]);
  expect(missed(underWay(50, 5), "p95(end-to-end) < 1s")).toEqual([]);
  expect(missed(underWay(50, 1), "max(end-to-end) < 1s")).toHaveLength(1);
});

test("not one that may still be held, nor one that is not to end the run", () => {
  // They are 3 s old, and what happened in the last second may not be on file.
  expect(missed(underWay(50, 50), "p95(end-to-end) < 2500ms")).toEqual([]);
  expect(missed(underWay(50, 50), "max(end-to-end) > 10s")).toEqual([]);
  expect(missed(underWay(50, 50), "p95(end-to-end) < 1s", false)).toEqual([]);
  expect(missed(underWay(0, 0), "max(end-to-end) < 1ms")).toEqual([]);
});

test("it looks seldom enough to leave the machine to the run", () => {
  expect(pauseAfter(10)).toBe(2000);
  expect(pauseAfter(5000)).toBe(45_000);
});
