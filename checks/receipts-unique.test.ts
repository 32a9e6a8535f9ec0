import { expect, test } from "vitest";
import { printsOf } from "../history/receipts.ts";
import { history, type History } from "../history/testing/history.ts";
import { receiptsUnique } from "./receipts-unique.ts";

const judge = (run: History) => receiptsUnique.check(run.ledger(), {});

function acknowledged(idOf: (job: number) => string, jobs = 1_000): History {
  const run = history({ jobs, producers: 2 });
  const producers = [run.process("producer"), run.process("producer", { slot: 1 })];
  for (let job = 0; job < jobs; job++) producers[job % 2]?.send(job).ok(job, idOf(job));
  return run;
}

test("passes when each job has an id of its own", () => {
  expect(judge(acknowledged((job) => `1-${job}`))).toMatchObject({ verdict: "pass", exposed: 1_000 });
  expect(judge(acknowledged((job) => String(job)))).toMatchObject({ verdict: "pass", exposed: 1_000 });
});

test("fails when two producers give one id, and names the jobs", () => {
  const run = acknowledged((job) => (job === 701 ? "1-4" : `1-${job}`));
  expect(judge(run)).toMatchObject({
    verdict: "fail",
    violations: 1,
    examples: [{ job: 4, what: "Jobs 4, 701 were acknowledged under one and the same id." }],
  });
});

test("fails when all have the same", () => {
  expect(judge(acknowledged(() => "job"))).toMatchObject({ verdict: "fail", violations: 1 });
  expect(judge(acknowledged((job) => `${job % 100}`))).toMatchObject({ verdict: "fail", violations: 100 });
});

test("the same job told twice under its own id is no matter", () => {
  const run = history({ jobs: 2 });
  run.process("producer").send(0).ok(0, "a").ok(0, "a").send(1).ok(1, "b");
  expect(judge(run)).toMatchObject({ verdict: "pass" });
});

test("is exposed to nothing where the queue has no ids", () => {
  expect(judge(acknowledged(() => ""))).toMatchObject({ verdict: "pass", exposed: 0 });
});

test("prints of ids that are alike in much are apart, and fit into their fields", () => {
  const prints = Array.from({ length: 20_000 }, (_, n) => printsOf(`lane-${n % 7}-${n}`));
  expect(new Set(prints.map(({ aux }) => aux)).size).toBe(20_000);
  for (const { micros = 0, aux = 0 } of prints) {
    expect(micros >= 1 && micros < 2 ** 32).toBe(true);
    expect(Number.isSafeInteger(aux)).toBe(true);
  }
});
