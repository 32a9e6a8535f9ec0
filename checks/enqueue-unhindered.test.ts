import { expect, test } from "vitest";
import { history, type History } from "../history/testing/history.ts";
import { enqueueUnhindered } from "./enqueue-unhindered.ts";

const judge = (run: History, times = 10) => enqueueUnhindered.check(run.ledger(), { times });
const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, n) => from + n);

const [few, many] = [150, 1000];

/**
 * An enqueue each 20 ms for 3 s, beside nothing that waits; then many jobs at once, and again one each 20 ms beside
 * them.
 */
function piledUp({
  calmMs = 2,
  backlogMs,
  exercises = ["enqueue-unhindered"],
  meanwhile = () => {},
}: {
  readonly calmMs?: number;
  readonly backlogMs: number;
  readonly exercises?: readonly string[];
  readonly meanwhile?: (run: History) => void;
}): History {
  const run = history({ jobs: few + many + few, exercises });
  const producer = run.process("producer");
  const worker = run.process("worker");
  const trickle = (jobs: readonly number[], fromMs: number, tookMs: number): void => {
    for (const [index, job] of jobs.entries()) {
      const at = fromMs + index * 20;
      producer
        .at(at)
        .send(job, { intended: at })
        .at(at + tookMs)
        .ok(job);
    }
  };
  const calm = range(0, few);
  trickle(calm, 0, calmMs);
  for (const job of calm)
    worker
      .at(job * 20 + 5)
      .start(job)
      .end(job)
      .accepted(job);
  for (const job of range(few, few + many)) producer.at(4_000).send(job, { intended: 4_000 }).at(4_010).ok(job);
  const beside = range(few + many, few + many + few);
  trickle(beside, 5_000, backlogMs);
  meanwhile(run);
  for (const job of [...range(few, few + many), ...beside]) worker.at(9_500).start(job).end(job).accepted(job);
  return run;
}

test("passes when an enqueue takes no longer beside a backlog, and says how long both took", () => {
  expect(judge(piledUp({ backlogMs: 15 }))).toMatchObject({
    verdict: "pass",
    exposed: few,
    counts: { calm: few, backlog: few, calmMs: 2, backlogMs: 15, ratio: 7.5 },
  });
});

test("fails when it takes more than so many times as long", () => {
  expect(judge(piledUp({ backlogMs: 19 }), 9)).toMatchObject({
    verdict: "fail",
    violations: 1,
    counts: { hindered: 1, ratio: 9.5 },
    examples: [{ what: expect.stringContaining("9.5 times as long") }],
  });
});

test("what is shorter than a millisecond counts as a millisecond", () => {
  expect(judge(piledUp({ calmMs: 0.1, backlogMs: 9.5 }))).toMatchObject({ verdict: "pass", counts: { calmMs: 1 } });
});

test("nothing is exposed where the scenario does not mean to threaten it, where nothing piled up, and beside a fault", () => {
  expect(judge(piledUp({ backlogMs: 900, exercises: [] }))).toMatchObject({ verdict: "pass", exposed: 0 });
  const quiet = history({ jobs: 2, exercises: ["enqueue-unhindered"] });
  quiet.clean([0, 1], quiet.process("producer"), quiet.process("worker"));
  expect(judge(quiet)).toMatchObject({ verdict: "pass", exposed: 0 });
  const faulty = piledUp({
    backlogMs: 900,
    meanwhile(run) {
      const fault = run
        .at(5_000)
        .fault("slow", { effect: "slow", touches: ["link:producer:0"] })
        .armed();
      run.at(8_500);
      fault.bit().healed();
    },
  });
  expect(judge(faulty)).toMatchObject({ verdict: "pass", exposed: 0 });
});

test("is unknown when receipts may be missing", () => {
  const run = piledUp({ backlogMs: 5 });
  run.process("producer", { slot: 1 }).withoutFile();
  expect(judge(run)).toMatchObject({ verdict: "unknown" });
});
