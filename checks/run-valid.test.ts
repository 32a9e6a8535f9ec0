import { expect, test } from "vitest";
import type { RunFacts } from "../history/ledger.ts";
import { history, type History } from "../history/testing/history.ts";
import { runValid } from "./run-valid.ts";

const judge = (run: History) => runValid.check(run.ledger(), {});

function clean(facts: Partial<RunFacts> = {}): History {
  const run = history({ jobs: 2, ...facts });
  run.clean([0, 1], run.process("producer"), run.process("worker"));
  return run;
}
const kill = (run: History) => run.fault("worker-kill", { effect: "killed", touches: ["worker:0"] });

test("passes when every scheduled fault bit and was healed, and the load was met", () => {
  const run = clean({ scheduled: { "worker-kill": 2 } });
  kill(run).armed().bit().healed();
  kill(run).armed().bit().healed();
  expect(judge(run)).toMatchObject({
    verdict: "pass",
    exposed: 2,
    counts: { jobs: 2, sent: 2, faults: 2, bit: 2, healed: 2 },
  });
});

function afterTheLoad(plannedAt: Readonly<Record<string, number>>): History {
  const run = clean({ scheduled: { "worker-kill": 1 }, plannedAt })
    .phase("load")
    .at(500)
    .phase("heal")
    .at(3_700);
  kill(run).armed().bit().healed();
  return run;
}

test("a fault that was planned for the end may come a little later", () => {
  expect(judge(afterTheLoad({ "worker-kill-1": 2_000 }))).toMatchObject({ verdict: "pass" });
});

test.each<{ readonly what: string; readonly run: () => History; readonly reason: string }>([
  {
    what: "had next to nothing acknowledged",
    run: () => {
      const run = history({ jobs: 5 });
      const producer = run.process("producer");
      run.clean([0, 1], producer, run.process("worker"));
      for (const job of [2, 3, 4]) producer.send(job).refused(job);
      return run;
    },
    reason: "40.0 % of 5 enqueues were acknowledged: at least 50.0 % have to be, or the run is no test",
  },
  {
    what: "had most of its jobs acknowledged and never begun",
    run: () => {
      const run = history({ jobs: 5 });
      const producer = run.process("producer");
      run.clean([0, 1], producer, run.process("worker"));
      for (const job of [2, 3, 4]) producer.send(job).ok(job);
      return run;
    },
    reason: "40.0 % of 5 acknowledged jobs were begun",
  },
  { what: "was stopped", run: () => clean().stopped("SIGINT"), reason: "the run was stopped: SIGINT" },
  {
    what: "had a fault that did not bite",
    run: () => {
      const run = clean({ scheduled: { "worker-kill": 1 } });
      kill(run).armed().notBit("the process was gone").healed();
      return run;
    },
    reason: "worker-kill-1 did not bite: the process was gone",
  },
  {
    what: "had a fault without evidence",
    run: () => {
      const run = clean({ scheduled: { "worker-kill": 1 } });
      kill(run).armed().healed();
      return run;
    },
    reason: "worker-kill-1 did not bite: no evidence was gathered",
  },
  {
    what: "had fewer faults than scheduled",
    run: () => {
      const run = clean({ scheduled: { "worker-kill": 2 } });
      kill(run).armed().bit().healed();
      return run;
    },
    reason: "worker-kill was to strike 2 times, but was armed 1 times",
  },
  {
    what: "had a fault that came late, when the load was over",
    run: () => afterTheLoad({ "worker-kill-1": 400 }),
    reason: "worker-kill-1 came 3.3 s late, when the load into which it was planned was over: the machine was too slow",
  },
  {
    what: "had a fault that is not proven to be over",
    run: () => {
      const run = clean({ scheduled: { "worker-kill": 1 } });
      kill(run).armed().bit().notHealed("no replacement came");
      return run;
    },
    reason: "worker-kill-1 is not proven to be over: no replacement came",
  },
  {
    what: "did not send all jobs",
    run: () => {
      const run = history({ jobs: 2 });
      run.clean([0], run.process("producer"), run.process("worker"));
      return run;
    },
    reason: "the load was not met: 1 of 2 jobs were never sent",
  },
  {
    what: "sent too many jobs late",
    run: () => {
      const run = history({ jobs: 2 });
      const [producer, worker] = [run.process("producer"), run.process("worker")];
      run.clean([0], producer, worker).at(3_000);
      producer.send(1, { intended: 1_000 }).ok(1);
      return run;
    },
    reason: "50.0 % of the jobs were sent more than 1000 ms late (at most 1.0 % may be), the worst 2000 ms",
  },
  {
    what: "has a file with a hole",
    run: () => {
      const run = history();
      run.clean([0], run.process("producer"), run.process("worker").gap());
      return run;
    },
    reason: "records of worker process 2 may be missing",
  },
  {
    what: "has a scan that disagrees",
    run: () => clean().scanned({ agrees: false, why: "1 read, 2 counted" }),
    reason: "disagree with the store's own counts: 1 read, 2 counted",
  },
])("is unknown when it $what", ({ run, reason }) => {
  expect(judge(run())).toMatchObject({ verdict: "unknown", reason: expect.stringContaining(reason) });
});

/** Job 1 is sent at 6.5 s, after an incident of its producer from about 3 to about 4 s; job 0 is in time. */
function afterAway(
  touches: "producer:0" | "producer:1" | "worker:0",
  effect: "killed" | "asked-to-stop",
  intended: number,
) {
  const run = history({ jobs: 2 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([0], producer, worker).at(3_000);
  const fault = run.fault("away", { effect, touches: [touches] });
  fault.armed().bit();
  run.at(4_000);
  fault.healed();
  run.at(11_000);
  producer.send(1, { intended }).ok(1);
  worker.start(1).end(1).accepted(1);
  return run;
}

test("a job that a killed producer could not send in time is late by the fault, and counted apart", () => {
  expect(judge(afterAway("producer:0", "killed", 3_500))).toMatchObject({
    verdict: "pass",
    counts: { late: 0, lateByFault: 1 },
  });
  expect(judge(afterAway("producer:0", "killed", 8_000))).toMatchObject({
    verdict: "pass",
    counts: { lateByFault: 1 },
  });
});

test.each([
  ["long after it", afterAway("producer:0", "killed", 9_500)],
  ["before it", afterAway("producer:0", "killed", 2_500)],
  ["when another slot was hit", afterAway("producer:1", "killed", 3_500)],
  ["when a worker was hit", afterAway("worker:0", "killed", 3_500)],
  ["when it was only asked to stop", afterAway("producer:0", "asked-to-stop", 3_500)],
])("a job is late like any other %s", (_when, run) => {
  expect(judge(run)).toMatchObject({ verdict: "unknown", counts: { late: 1, lateByFault: 0 } });
});

test("what was left out by choice is counted, and does not make it unknown", () => {
  expect(judge(clean({ leftOut: ["clock", "broker-stop"] }))).toMatchObject({
    verdict: "pass",
    counts: { kindsLeftOut: 2 },
  });
});

test("trouble of the run's own parts comes first of all, in order of time, and one kill by others after it", () => {
  const run = clean({ jobs: 3, scheduled: { cut: 1 } });
  run.process("worker", { slot: 1 }).killed();
  run
    .fault("cut", { effect: "cut-off", touches: ["link:worker:0"] })
    .armed()
    .notBit("the API is gone")
    .healed();
  run.trouble("disk", "the disk is full", 900).trouble("proxy", "the proxy ended", 600).stopped("it cannot go on");
  expect(judge(run)).toMatchObject({
    verdict: "unknown",
    reason: expect.stringMatching(
      /^the proxy ended; the disk is full; worker 1 \(process \d+\) was ended by SIGKILL.*; the run was stopped.*cut-1 did not bite/,
    ),
  });
});

test("a process that ended by itself leaves the run valid: it is the system's", () => {
  const run = clean();
  run.process("worker", { slot: 1 }).killed("SIGABRT");
  expect(judge(run)).toMatchObject({ verdict: "pass" });
});

test("tells all reasons, the most important first", () => {
  const run = clean({ jobs: 3, scheduled: { "worker-kill": 1 } });
  run.scanned({ finished: false }).stopped("SIGINT");
  const verdict = judge(run);
  expect(verdict).toMatchObject({
    verdict: "unknown",
    reason: expect.stringMatching(/^the run was stopped.*worker-kill.*never sent.*scan/),
  });
});
