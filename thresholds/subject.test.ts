/** What a threshold may be about: each mistake is told before anything is run. */
import { expect, test } from "vitest";
import { measures } from "../measures/index.ts";
import type { Measure } from "../measures/contract.ts";
import { parseThreshold } from "./grammar.ts";
import { checkThreshold, type Circumstances, type Measures } from "./subject.ts";

const run: Circumstances = { priorities: ["urgent", "low"], hasFaults: true };
const check =
  (written: string, circumstances = run, all: Measures = measures) =>
  () =>
    checkThreshold(parseThreshold(written), all, circumstances);

test.each([
  "p99(end-to-end) < 500ms",
  "p99(end-to-end-latency) during quiet for urgent < 500ms else end",
  "max(recovery-time) < 8s",
  "p95(recovery-time) for low < 8s",
  "rate(throughput) > 1000/s",
  "min(throughput.started) during faults > 10/s",
  "rate(outcomes.refused) < 1%",
  "rate(outcomes.done) > 10/s",
  "count(outcomes.dead) < 10",
  "max(backlog.waiting) < 5000",
  "max(depth.the system) < 5000",
  "min(workers-alive.workers) >= 1",
  "max(cpu.harness) < 90%",
  "p99(lateness) < 50ms",
])("%s", (written) => expect(check(written)).not.toThrow());

test.each([
  ["p99(latency) < 5ms", /no measure is called "latency"; there are: enqueue, wait, run, end-to-end, throughput/],
  ["p99(constructor) < 5ms", /no measure is called "constructor"/],
  ["p99(wait) < 5", /a time: write ms, s or min behind 5/],
  ["p99(wait) < 5%", /a time/],
  ["rate(throughput) > 5ms", /a rate: write \/s behind 5, or % for a share/],
  ["rate(throughput) > 5%", /a share is one of a line/],
  ["rate(wait) < 5/s", /"wait" has no rate; there are: avg/],
  ["p99(throughput) > 5/s", /has no p99; there are: avg, min, max, count, rate/],
  ["med(backlog.waiting) < 5", /has no med; there are: avg, min, max$/],
  ["count(backlog.waiting) < 5", /how much there is in each second, which has no count/],
  ["max(backlog) < 5", /several lines: write max\(backlog.LINE\) with one of waiting, delayed/],
  ["max(backlog.wating) < 5", /no line "wating"; there are: waiting/],
  ["max(wait.p99) < 5ms", /has no lines: leave out ".p99"/],
  ["max(workers-alive) < 5s", /a number: write no unit/],
  ["count(wait) < 5s", /a count has no unit: write 5/],
  ["max(wait) for hurried < 5s", /no priority is called "hurried"; there are: urgent, low/],
  ["rate(throughput) for urgent > 5/s", /not by priority: leave out "for urgent"/],
  ["rate(throughput) > 5/s else end", /known at the end only/],
])("%s is refused", (written, why) => expect(check(written)).toThrow(why));

test("what the run does not have is refused", () => {
  const bare = { priorities: [], hasFaults: false };
  expect(check("max(wait) for urgent < 5s", bare)).toThrow(/all jobs of this run are alike/);
  expect(check("max(wait) during faults < 5s", bare)).toThrow(/no faults in this run: leave out "during faults"/);
  expect(check("max(wait) after faults < 5s", bare)).toThrow(/leave out "after faults"/);
  expect(check("max(wait) during quiet < 5s", bare)).not.toThrow();
});

test("a measure of one's own is asked what it measures; one that cannot say is named", () => {
  const jobs: Measure = { about: "", measure: () => ({ kind: "series", unit: "jobs", at: [0], lines: { only: [3] } }) };
  const broken: Measure = {
    about: "",
    measure() {
      throw new Error("no jobs");
    },
  };
  const byFault: Measure = { about: "", measure: () => ({ kind: "per-incident", unit: "ms", rows: [] }) };
  const all = { jobs, broken, "by-fault": byFault };
  expect(check("max(jobs) < 5", run, all)).not.toThrow();
  expect(check("max(broken) < 5s", run, all)).toThrow(/the measure "broken" cannot say what it measures.*no jobs/);
  expect(check("max(by-fault) < 5s", run, all)).toThrow(/told by fault, and not by job/);
});
