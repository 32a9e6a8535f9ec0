/** What nobody may be blamed for: what the run itself did, and what a run that was ended did not show. */
import { expect, test, describe } from "vitest";
import { measures } from "../measures/index.ts";
import { history, type History } from "../history/testing/history.ts";
import { taking, ten, withFault } from "../history/testing/paced-history.ts";
import { parseThreshold } from "./grammar.ts";
import { judgeThreshold } from "./judge.ts";

const judge = (run: History, written: string) => judgeThreshold(parseThreshold(written), measures, run.ledger());
const verdictOf = (run: History, written: string): string => judge(run, written).verdict.verdict;

describe("what our own parts did", () => {
  test("a job that was sent late was not slow", () => {
    const run = history({ jobs: 1 });
    run.at(900);
    run.process("producer").at(900).send(0, { intended: 0 }).ok(0);
    run.process("worker").at(905).start(0).end(0).accepted(0);
    expect(judge(run, "max(end-to-end) < 500ms").verdict).toMatchObject({
      verdict: "unknown",
      reason: expect.stringMatching(/the load generator sent late/),
    });
    expect(verdictOf(run, "max(end-to-end) < 5ms")).toBe("fail");
    expect(verdictOf(run, "max(end-to-end) < 1s")).toBe("pass");
    expect(verdictOf(run, "max(lateness) < 500ms")).toBe("unknown");
  });

  test("under a load that was not met nothing is missed", () => {
    const late = history({ jobs: 2 });
    const [producer, worker] = [late.process("producer"), late.process("worker")];
    producer.at(5000).send(0, { intended: 0 }).ok(0).send(1).ok(1);
    worker.at(9000).start(0).end(0).accepted(0).start(1).end(1).accepted(1);
    expect(judge(late, "max(end-to-end) < 1s").verdict).toMatchObject({
      verdict: "unknown",
      reason: expect.stringContaining("the load was not met in time"),
    });
    const { run } = taking(ten, { jobs: 11 });
    expect(judge(run, "max(end-to-end) < 500ms").verdict).toMatchObject({
      verdict: "unknown",
      reason: expect.stringContaining("1 of 11 jobs were never sent"),
    });
    expect(verdictOf(run, "max(end-to-end) < 1s")).toBe("pass");
  });

  test("nor beside trouble of the run's own, or where records are missing", () => {
    expect(
      judge(taking(ten).run.at(500).trouble("store", "the store was gone").at(10_000), "max(end-to-end) < 500ms")
        .verdict,
    ).toMatchObject({
      verdict: "unknown",
      reason: "900 ms, but the store was gone, which may explain it",
    });
    const { run, worker } = taking(ten);
    worker.gap();
    expect(verdictOf(run, "max(end-to-end) < 500ms")).toBe("unknown");
  });

  test("a load that offers less than was asked for is missed by nobody", () => {
    expect(judge(taking(ten).run, "rate(throughput) > 5/s").verdict).toMatchObject({
      verdict: "unknown",
      reason: "the load itself offered 1 a second only",
    });
  });
});

describe("a run that was ended before its time", () => {
  const ended = (times: readonly number[], jobs: number) => taking(times, { jobs }).run.stopped("by hand");

  test("misses what it would have missed whatever was to come", () => {
    expect(verdictOf(ended(ten, 100), "max(end-to-end) < 500ms")).toBe("fail");
    expect(verdictOf(ended(ten, 10), "p90(end-to-end) < 150ms")).toBe("fail");
    // Another 900 at once would have made it.
    expect(verdictOf(ended(ten, 1000), "p90(end-to-end) < 150ms")).toBe("unknown");
    expect(verdictOf(ended(ten, 14), "avg(end-to-end) < 150ms")).toBe("fail");
    expect(verdictOf(ended(ten, 15), "avg(end-to-end) < 150ms")).toBe("unknown");
    expect(verdictOf(ended(ten, 100), "count(end-to-end) < 10")).toBe("fail");
    expect(verdictOf(ended(ten, 100), "min(end-to-end) > 100ms")).toBe("fail");
    expect(verdictOf(ended(ten, 100), "max(run) < 500ms")).toBe("fail");
  });

  test("holds what can no longer be missed, and nothing else", () => {
    expect(verdictOf(ended(ten, 100), "max(end-to-end) < 1s")).toBe("unknown");
    expect(verdictOf(ended(ten, 100), "p9(end-to-end) < 181ms")).toBe("pass");
    expect(verdictOf(ended(ten, 100), "p90(run) < 1s")).toBe("unknown");
    expect(verdictOf(ended(ten, 100), "avg(run) < 1ms")).toBe("unknown");
    expect(verdictOf(ended(ten, 100), "rate(throughput) > 0.1/s")).toBe("unknown");
    expect(judge(ended([], 100), "max(end-to-end) < 1s").verdict).toMatchObject({
      verdict: "unknown",
      reason: expect.stringContaining("the run was ended before its time"),
    });
  });

  test("has no time after faults while more of them were to come", () => {
    const after = "max(end-to-end) after faults < 100ms";
    expect(verdictOf(withFault().run.stopped("by hand"), after)).toBe("fail");
    expect(verdictOf(withFault({ scheduled: { kill: 2 } }).run.stopped("by hand"), after)).toBe("unknown");
  });
});
