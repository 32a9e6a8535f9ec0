/**
 * Made histories, each with a threshold that it holds and one that it misses, and those that nobody may be blamed or
 * praised for.
 */
import { describe, expect, test } from "vitest";
import { durations, distribution } from "../measures/distribution.ts";
import { measures } from "../measures/index.ts";
import type { Measure } from "../measures/contract.ts";
import { history, type History } from "../history/testing/history.ts";
import { taking, ten, withFault } from "../history/testing/paced-history.ts";
import { parseThreshold } from "./grammar.ts";
import { judgeThreshold } from "./judge.ts";

const judge = (run: History, written: string) => judgeThreshold(parseThreshold(written), measures, run.ledger());
const verdictOf = (run: History, written: string): string => judge(run, written).verdict.verdict;

describe("a distribution", () => {
  test.each([
    ["max(end-to-end) < 901ms", "pass"],
    ["max(end-to-end) <= 900ms", "pass"],
    ["max(end-to-end) < 900ms", "fail"],
    ["max(end-to-end) < 0.9s", "fail"],
    ["p90(end-to-end) < 181ms", "pass"],
    ["p90(end-to-end) < 180ms", "fail"],
    ["p90.1(end-to-end) < 181ms", "fail"],
    ["med(end-to-end) <= 140ms", "pass"],
    ["p50(end-to-end) < 140ms", "fail"],
    ["min(end-to-end) >= 100ms", "pass"],
    ["min(end-to-end) > 100ms", "fail"],
    ["p99(end-to-end) > 1s", "fail"],
    ["avg(end-to-end) < 217ms", "pass"],
    ["avg(end-to-end) < 215ms", "fail"],
    ["count(end-to-end) >= 10", "pass"],
    ["count(end-to-end) < 10", "fail"],
    ["max(run) < 900ms", "pass"],
    ["max(run) < 800ms", "fail"],
    ["max(end-to-end) during quiet < 901ms", "pass"],
  ])("%s: %s", (written, verdict) => expect(verdictOf(taking(ten).run, written)).toBe(verdict));

  test("a missed one tells what it was, how many are beyond, and the worst jobs", () => {
    const { verdict, seen } = judge(taking(ten).run, "p80(end-to-end) < 150ms");
    expect(seen).toMatchObject({ unit: "ms", measured: 10, atLeast: false });
    expect(verdict).toMatchObject({ verdict: "fail", judged: 10, violations: 5 });
    if (verdict.verdict !== "fail") return;
    expect(verdict.examples.map(({ job }) => job)).toEqual([9, 8, 7, 6, 5]);
    expect(verdict.examples[0]).toMatchObject({ what: "Job 9 took 900 ms.", span: { from: 9e9, to: 9.9e9 } });
  });
});

describe("what was never over", () => {
  const withLost = () => {
    const { run, producer } = taking([10, 10, 10], { jobs: 4 });
    producer.at(3000).send(3).ok(3);
    return run.at(9000).place(3, "waiting").at(9000);
  };

  test("misses what it has been too old for, however long it would have taken", () => {
    const { verdict } = judge(withLost(), "max(end-to-end) < 5s");
    expect(verdict).toMatchObject({ verdict: "fail", violations: 1 });
    expect(verdict.verdict === "fail" && verdict.examples[0].what).toMatch(
      /^Job 3 took at least 6(\.\d+)? s: it was never over\.$/,
    );
  });

  test("holds nothing that it might still have missed", () => {
    const { verdict } = judge(withLost(), "max(end-to-end) < 1min");
    expect(verdict).toMatchObject({ verdict: "unknown", reason: expect.stringContaining("at least 6") });
    expect(verdictOf(withLost(), "avg(end-to-end) < 1min")).toBe("unknown");
  });

  test("leaves alone what it cannot change", () => {
    expect(verdictOf(withLost(), "med(end-to-end) < 50ms")).toBe("pass");
    expect(verdictOf(withLost(), "p75(end-to-end) < 50ms")).toBe("pass");
    expect(verdictOf(withLost(), "p76(end-to-end) < 50ms")).toBe("fail");
    expect(verdictOf(withLost(), "max(end-to-end) > 5s")).toBe("pass");
    expect(verdictOf(withLost(), "max(end-to-end) > 1min")).toBe("unknown");
    expect(verdictOf(withLost(), "rate(outcomes.never ended) < 26%")).toBe("pass");
    expect(verdictOf(withLost(), "rate(outcomes.never ended) < 25%")).toBe("fail");
  });
});

describe("the times of a run", () => {
  test.each([
    ["max(end-to-end) during quiet < 11ms", "pass", 4],
    ["max(end-to-end) during quiet < 10ms", "fail", 4],
    // Allowed to take a second, the fourth job might have met the fault.
    ["max(end-to-end) during quiet < 1s", "pass", 3],
    ["max(end-to-end) during faults < 1s", "pass", 3],
    ["max(end-to-end) during faults < 600ms", "fail", 3],
    ["max(end-to-end) after faults < 201ms", "pass", 2],
    ["max(end-to-end) after faults < 200ms", "fail", 2],
    ["rate(throughput) during quiet > 0.9/s", "pass", 3],
    ["rate(throughput) after faults > 0.9/s", "pass", 2],
  ])("%s: %s", (written, verdict, measured) => {
    const judged = judge(withFault().run, written);
    expect(judged.verdict.verdict).toBe(verdict);
    expect(judged.seen.measured).toBe(measured);
  });

  test("what was not there is not measured, and no pass", () => {
    for (const written of [
      "max(end-to-end) after faults < 1h".replace("1h", "60min"),
      "count(end-to-end) during faults < 5",
      "rate(throughput) after faults < 5/s",
    ])
      expect(judge(taking(ten).run, written).verdict).toMatchObject({
        verdict: "unknown",
        reason: expect.stringMatching(
          /^not measured: there was nothing (after the last fault|while there were faults)/,
        ),
      });
  });

  test("a run without jobs holds nothing", () => {
    for (const written of [
      "max(end-to-end) < 1s",
      "count(wait) < 1",
      "avg(run) < 1s",
      "rate(outcomes.dead) < 1%",
      "count(outcomes.dead) < 1",
      "max(recovery-time) < 1s",
      "rate(throughput) < 1/s",
    ])
      expect(judge(history({ jobs: 0 }).at(500), written).verdict, written).toMatchObject({
        verdict: "unknown",
        reason: expect.stringMatching(/^not measured/),
      });
  });
});

test("by priority", () => {
  const run = history({
    jobs: 3,
    priorities: [
      { name: "urgent", weight: 8 },
      { name: "low", weight: 1 },
      { name: "none", weight: 1 },
    ],
  });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.send(0, { priority: 1 }).ok(0).send(1, { priority: 2 }).ok(1).send(2, { priority: 2 }).ok(2);
  worker.at(10).start(0).end(0).accepted(0).at(2000).start(1).end(1).accepted(1).start(2).end(2).accepted(2);
  expect(verdictOf(run, "max(end-to-end) for urgent < 50ms")).toBe("pass");
  expect(judge(run, "max(end-to-end) for low < 50ms").verdict).toMatchObject({ verdict: "fail", judged: 2 });
  expect(judge(run, "max(end-to-end) for none < 50ms").verdict).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining('nothing of priority "none"'),
  });
});

describe("series", () => {
  test("a rate is that of the load's seconds, and a missed one names the worst", () => {
    const run = history({ jobs: 40 });
    const [producer, worker] = [run.process("producer"), run.process("worker")];
    for (let job = 0; job < 40; job++)
      producer
        .at(job * 100)
        .send(job)
        .ok(job);
    for (let job = 0; job < 20; job++)
      worker
        .at(job * 200 + 2)
        .start(job)
        .end(job)
        .accepted(job);
    run.at(4000).phase("heal").at(4001);
    for (let job = 20; job < 40; job++) worker.start(job).end(job).accepted(job);
    run.at(6000);
    expect(judge(run, "rate(throughput) > 9/s").verdict).toMatchObject({
      verdict: "fail",
      examples: [
        {
          what: "5/s in all; the second 0 s after the load began was the farthest from it.",
          span: { from: 0, to: 1e9 },
        },
      ],
    });
    expect(verdictOf(run, "rate(throughput) > 4.9/s")).toBe("pass");
    expect(verdictOf(run, "rate(throughput.acknowledged) > 9.9/s")).toBe("pass");
    expect(verdictOf(run, "max(backlog.waiting) < 21")).toBe("pass");
    expect(verdictOf(run, "max(backlog.waiting) < 15")).toBe("fail");
    expect(verdictOf(run, "count(outcomes.done) >= 40")).toBe("pass");
  });

  test("a line that is not there is not held", () => {
    expect(judge(taking(ten).run, "max(depth.the system) < 5").verdict).toMatchObject({
      verdict: "unknown",
      reason: 'the measure has no line "the system" in this run',
    });
  });
});

describe("a measure of one's own", () => {
  const spans = durations();
  for (let ms = 1; ms <= 100; ms++) spans.add(ms * 100);
  const told = distribution(spans.tally(), {});
  const own = (measure: Measure["measure"]) => (written: string) =>
    judgeThreshold(parseThreshold(written), { own: { about: "Ours.", measure } }, history({ jobs: 0 }).ledger())
      .verdict;

  test("is judged by its distribution, and says nothing of what it does not tell apart", () => {
    const judged = own(() => told);
    expect(judged("p99(own) < 100ms")).toMatchObject({ verdict: "pass", judged: 100 });
    expect(judged("p97(own) < 90ms")).toMatchObject({ verdict: "fail", examples: [{ job: undefined }] });
    expect(judged("max(own) <= 100ms")).toMatchObject({ verdict: "pass" });
    expect(judged("max(own) during quiet < 1s")).toMatchObject({
      verdict: "unknown",
      reason: expect.stringContaining('does not tell "before faults" apart'),
    });
  });

  test("is unknown where it gives no number, or fails", () => {
    const { summary } = told;
    if (summary === undefined) throw new Error("nothing");
    expect(own(() => ({ ...told, summary: { ...summary, max: Number.NaN } }))("max(own) < 1s")).toMatchObject({
      verdict: "unknown",
      reason: expect.stringContaining("gives NaN"),
    });
    expect(
      own(() => ({ kind: "series", unit: "jobs", at: [0], lines: { it: [Number.NaN] } }))("max(own) < 1"),
    ).toMatchObject({ verdict: "unknown" });
    expect(
      own(() => {
        throw new Error("broken");
      })("max(own) < 1s"),
    ).toMatchObject({ verdict: "unknown", reason: expect.stringContaining("broken") });
    expect(own(() => ({ ...told, summary: { ...summary, atLeast: ["max"] } }))("max(own) < 1s")).toMatchObject({
      verdict: "unknown",
    });
    expect(own(() => ({ ...told, summary: { ...summary, atLeast: ["max"] } }))("max(own) < 10ms")).toMatchObject({
      verdict: "fail",
    });
  });
});
