import { expect, test } from "vitest";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import { concurrencyLimit } from "./concurrency-limit.ts";

const judge = (run: History) => concurrencyLimit.check(run.ledger(), {});

function limited(script: (worker: ScriptedProcess, run: History) => void): History {
  const run = history({ jobs: 4, concurrency: 2 });
  const producer = run.process("producer");
  for (let job = 0; job < 4; job++) producer.send(job).ok(job);
  script(run.process("worker"), run);
  return run;
}

test("passes at the limit, and tells what was exposed to it", () => {
  const full = limited((worker) => void worker.start(0).start(1).end(0).start(2).end(1).end(2));
  expect(judge(full)).toMatchObject({ verdict: "pass", judged: 3, exposed: 3, counts: { most: 2, limit: 2 } });
  const half = limited((worker) => void worker.start(0).end(0).start(1).failed(1));
  expect(judge(half)).toMatchObject({ verdict: "pass", judged: 2, exposed: 0 });
});

test("fails beyond the limit, and says in which process and when", () => {
  const run = limited((worker) => void worker.at(3_000).start(0).start(1).start(2).end(0).end(1).end(2));
  expect(judge(run)).toMatchObject({
    verdict: "fail",
    violations: 1,
    examples: [{ what: expect.stringContaining("ran 3 handlers at once in second 3 of the load, and may run 2") }],
  });
});

test("each process by itself: runs of one that was killed are over", () => {
  const run = limited((worker, { process }) => {
    worker.start(0).start(1).killed();
    const next = process("worker", { spawned: "now" });
    next.start(0).start(1).end(0).end(1);
  });
  expect(judge(run)).toMatchObject({ verdict: "pass" });
});

test("a run that the system withdrew has given up its hand, and comes to its end only once", () => {
  const withdrawn = limited((worker) => void worker.start(0).start(1).aborted(0).start(2).end(0).end(1).end(2));
  expect(judge(withdrawn)).toMatchObject({ verdict: "pass" });
  const beyond = limited((worker) => void worker.start(0).aborted(0).end(0).start(1).start(2).start(3));
  expect(judge(beyond)).toMatchObject({ verdict: "fail", counts: { most: 3 } });
});

test("is in doubt where ends may be missing from its file", () => {
  expect(judge(limited((worker) => void worker.start(0).gap().start(1).start(2)))).toMatchObject({
    verdict: "unknown",
  });
});
