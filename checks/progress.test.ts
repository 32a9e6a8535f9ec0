import { expect, test } from "vitest";
import type { Effect } from "../history/effects.ts";
import type { Resource } from "../history/resource.ts";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import { drained } from "./drained.ts";
import { progress } from "./progress.ts";

const judge = (run: History) => progress.check(run.ledger(), { boundMs: 5_000 });

interface Fleet {
  readonly run: History;
  readonly producer: ScriptedProcess;
  readonly worker: ScriptedProcess;
}
function fleet(): Fleet {
  const run = history({ jobs: 2 });
  return { run, producer: run.process("producer"), worker: run.process("worker") };
}
/** Job 0 is due from 100 ms on, and started at that time. */
function waited(startedAt: number, meanwhile: (fleet: Fleet) => void = () => {}): History {
  const all = fleet();
  all.producer.at(100).send(0).ok(0);
  meanwhile(all);
  all.worker.at(startedAt).start(0).end(0).accepted(0);
  return all.run;
}
const during = (effect: Effect, resource: Resource, from: number, to: number) => (all: Fleet) => {
  const fault = all.run
    .at(from)
    .fault("f", { effect, touches: [resource] })
    .armed();
  all.run.at(to);
  fault.bit().healed();
};

test("passes when nothing is started for shorter than the bound, fails beyond it", () => {
  expect(judge(waited(6_500))).toMatchObject({ verdict: "pass", judged: 1, counts: { longestIdleSeconds: 5 } });
  expect(judge(waited(7_500))).toMatchObject({
    verdict: "fail",
    violations: 1,
    counts: { idle: 1, longestIdleSeconds: 6 },
    examples: [{ job: 0, what: expect.stringContaining("between 1 s and 7 s, though 1 jobs were due") }],
  });
});

test("a start of any job is progress", () => {
  const run = waited(9_500, ({ producer, worker }) => {
    producer.at(4_000).send(1).ok(1);
    worker.start(1).end(1).accepted(1);
  });
  expect(judge(run)).toMatchObject({ verdict: "pass", judged: 2 });
});

test("a job is due when its delay is over", () => {
  const delayed = (startedAt: number): History => {
    const { run, producer, worker } = fleet();
    producer.at(100).send(0, { delayMs: 10_000 }).ok(0);
    worker.at(startedAt).start(0).end(0).accepted(0);
    return run;
  };
  expect(judge(delayed(14_000))).toMatchObject({ verdict: "pass", judged: 1 });
  expect(judge(delayed(17_500))).toMatchObject({ verdict: "fail" });
});

test("a job that never starts waits as others do, to the end of the drain; one that is nowhere does not", () => {
  const never = (place: (run: History) => void): History => {
    const { run, producer } = fleet();
    producer.at(100).send(0).ok(0);
    run.at(60_000).drain("stuck", 30);
    place(run);
    return run;
  };
  expect(judge(never((run) => void run.place(0, "waiting")))).toMatchObject({ verdict: "fail", counts: { idle: 1 } });
  expect(judge(never(() => {}))).toMatchObject({ verdict: "pass", judged: 0 });
});

test("while all hands are full, nothing can be started", () => {
  const busy = (concurrency: number): History => {
    const run = history({ jobs: 2, concurrency });
    const [producer, worker] = [run.process("producer"), run.process("worker")];
    producer.send(1).ok(1).send(0).ok(0);
    worker.start(1).at(20_000).end(1).accepted(1).start(0).end(0).accepted(0);
    return run;
  };
  expect(judge(busy(1))).toMatchObject({ verdict: "pass" });
  expect(judge(busy(2))).toMatchObject({ verdict: "fail" });
});

test.each<[string, Effect, Resource]>([
  ["no store", "store-away", "store"],
  ["no worker that is well", "paused", "worker:0"],
  ["no worker with whole links", "cut-off", "link:worker:0"],
])("waits while there is %s, and from a second after that on not", (_, effect, resource) => {
  expect(judge(waited(12_500, during(effect, resource, 500, 8_000)))).toMatchObject({ verdict: "pass" });
  expect(judge(waited(16_500, during(effect, resource, 500, 8_000)))).toMatchObject({ verdict: "fail" });
});

test("one worker that is well is enough, unless the work may be with one that looks alive", () => {
  const withAnother = (effect: Effect): History =>
    waited(12_500, (all) => {
      all.run.process("worker", { slot: 1 });
      during(effect, "worker:1", 500, 11_000)(all);
    });
  expect(judge(withAnother("clock-bent"))).toMatchObject({ verdict: "fail" });
  expect(judge(withAnother("reply-lost"))).toMatchObject({ verdict: "pass" });
  expect(judge(withAnother("slow"))).toMatchObject({ verdict: "pass" });
});

test("nor has one that looks alive more than ten handfuls: with more jobs due, the others have something to start", () => {
  const jobs = 25;
  const many = (effect: Effect, concurrency: number): History => {
    const run = history({ jobs, concurrency });
    const [producer, worker] = [run.process("producer"), run.process("worker")];
    const all = { run, producer, worker };
    run.process("worker", { slot: 1 });
    for (let job = 0; job < jobs; job++)
      producer
        .at(100 + job)
        .send(job)
        .ok(job);
    during(effect, "link:worker:1", 1_500, 3_000)(all);
    during(effect, "link:worker:1", 4_000, 12_000)(all);
    for (let job = 0; job < jobs; job++)
      worker
        .at(13_500 + job)
        .start(job)
        .end(job)
        .accepted(job);
    return run;
  };
  for (const effect of ["slow", "reply-lost"] as const) {
    expect(judge(many(effect, 3))).toMatchObject({ verdict: "pass" });
    expect(judge(many(effect, 2))).toMatchObject({ verdict: "fail", counts: { longestIdleSeconds: 12 } });
  }
});

test("a hit on another worker adds nothing", () => {
  const run = waited(9_500, (all) => {
    all.run.process("worker", { slot: 1 }).at(4_500).killed();
  });
  expect(judge(run)).toMatchObject({ verdict: "fail" });
});

test("a worker that is not ready, or did not run, does nothing wrong", () => {
  const run = history();
  run.process("producer").at(100).send(0).ok(0);
  run.at(8_000).process("worker", { spawned: "now" }).at(13_500).start(0).end(0).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "pass", judged: 1 });
  expect(judge(waited(12_500, ({ worker }) => void worker.at(500).stalled(7_500)))).toMatchObject({ verdict: "pass" });
});

test("is unknown when it is not on record that a job had to wait", () => {
  const { run, producer, worker } = fleet();
  producer.at(100).send(0).gap().ok(0);
  worker.at(20_000).start(0).end(0).accepted(0);
  expect(judge(run)).toMatchObject({ verdict: "unknown", reason: expect.stringContaining("producer") });
});

test("a queue that leaves jobs lying and goes on has not stopped, also where nobody came after the last of them", () => {
  const left = (lying: number, last: number): History => {
    const jobs = lying + last + 1;
    const run = history({ jobs });
    const [producer, worker] = [run.process("producer"), run.process("worker")];
    for (let job = 0; job < lying; job++)
      producer
        .at(100 + job)
        .send(job)
        .ok(job);
    producer.at(5_000).send(lying).ok(lying);
    worker.start(lying).end(lying).accepted(lying);
    for (let job = lying + 1; job < jobs; job++)
      producer
        .at(5_100 + job)
        .send(job)
        .ok(job);
    run.at(60_000).drain("stuck", 40);
    for (let job = 0; job < jobs; job++) if (job !== lying) run.place(job, "waiting");
    return run;
  };
  expect(judge(left(5, 1))).toMatchObject({ verdict: "pass" });
  expect(drained.check(left(5, 1).ledger(), {})).toMatchObject({ verdict: "fail", counts: { held: 6 } });
  expect(judge(left(1, 5))).toMatchObject({ verdict: "fail", counts: { idle: 1 } });
  expect(drained.check(left(1, 5).ledger(), {})).toMatchObject({ verdict: "pass", counts: { heldForAnother: 6 } });
});
