import { expect, test } from "vitest";
import type { Effect } from "../history/effects.ts";
import type { Resource } from "../history/resource.ts";
import type { RunFacts } from "../history/ledger.ts";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import { noStarvation } from "./no-starvation.ts";
import { startedOnTime } from "./started-on-time.ts";

const judge = (run: History) => noStarvation.check(run.ledger(), { boundMs: 5_000 });

const priorities = [
  { name: "high", weight: 4 },
  { name: "low", weight: 1 },
];
const [high, low] = [1, 2];

interface Fleet {
  readonly run: History;
  readonly producer: ScriptedProcess;
  readonly worker: ScriptedProcess;
}

/** Those of "high" that are started beside, one every 20 ms. */
const othersMs = 20;
const ofLow = 0;

/** Job 0, of "low", is due from 100 ms on and started at that time; jobs of "high" are started all the while. */
function waited(
  startedAt: number,
  {
    others = startedAt,
    facts = { priorities },
    meanwhile = () => {},
  }: {
    /** Until when they are started. */
    readonly others?: number;
    readonly facts?: Parameters<typeof history>[0];
    readonly meanwhile?: (fleet: Fleet) => void;
  } = {},
): History {
  const beside = Math.floor(others / othersMs);
  const run = history({ jobs: 2 + beside, ...facts });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  producer.at(100).send(ofLow, { priority: low }).ok(ofLow);
  for (let n = 0; n < beside; n++) {
    const job = 2 + n;
    producer
      .at(n * othersMs)
      .send(job, { priority: high })
      .ok(job);
    worker
      .at(n * othersMs + 5)
      .start(job)
      .end(job)
      .accepted(job);
  }
  meanwhile({ run, producer, worker });
  worker.at(startedAt).start(ofLow).end(ofLow).accepted(ofLow);
  return run;
}

test("passes when others are started for shorter than the bound, fails beyond it", () => {
  expect(judge(waited(6_500))).toMatchObject({ verdict: "pass", exposed: 1, counts: { longestStarvedSeconds: 5 } });
  expect(judge(waited(7_500))).toMatchObject({
    verdict: "fail",
    violations: 1,
    counts: { starved: 1, longestStarvedSeconds: 6 },
    examples: [
      { job: ofLow, what: expect.stringContaining('Of priority "low" nothing was started between 1 s and 7 s') },
    ],
  });
});

test("what starves is told once: as late only where no starvation fails, though another worker had nothing to do", () => {
  const late = (claims: RunFacts["claims"]) =>
    startedOnTime.check(
      waited(20_500, {
        facts: { priorities, claims },
        meanwhile: ({ run }) => run.process("worker", { slot: 1 }),
      }).ledger(),
      { boundMs: 5_000 },
    );
  expect(late({ "no-starvation": { boundMs: 5_000 } })).toMatchObject({ verdict: "pass" });
  expect(late({ "no-starvation": { boundMs: 30_000 } })).toMatchObject({ verdict: "fail", violations: 1 });
  expect(late({})).toMatchObject({ verdict: "fail", violations: 1 });
});

test("a start of any job of the priority will do, also a later one of it", () => {
  const other = (attempts: number) =>
    waited(9_500, {
      meanwhile({ producer, worker }) {
        producer.at(50).send(1, { priority: low, plannedFailures: 1 }).ok(1);
        worker
          .at(attempts === 1 ? 4_000 : 60)
          .start(1)
          .failed(1);
        worker.at(4_300).start(1, { attempt: 2 }).end(1, { attempt: 2 }).accepted(1, { attempt: 2 });
      },
    });
  expect(judge(other(1))).toMatchObject({ verdict: "pass", exposed: 2 });
  expect(judge(other(2))).toMatchObject({ verdict: "pass", exposed: 1 });
});

test("where nothing at all is started it is no starvation: that is progress's to judge", () => {
  expect(judge(waited(12_500, { others: 3_000 }))).toMatchObject({
    verdict: "pass",
    counts: { longestStarvedSeconds: 2 },
  });
});

test("a weight whose turn can hardly have come is not starved", () => {
  const rare = [
    { name: "high", weight: 40 },
    { name: "low", weight: 1 },
  ];
  expect(judge(waited(9_500, { facts: { priorities: rare } }))).toMatchObject({ verdict: "pass", exposed: 1 });
});

test("nothing is exposed where there are no priorities, whatever is missing, and where none of their jobs waited", () => {
  const without = waited(9_500, { facts: { priorities: [] } });
  without.process("worker", { slot: 1 }).withoutFile();
  expect(judge(without)).toMatchObject({ verdict: "pass", exposed: 0 });
  expect(judge(waited(150))).toMatchObject({ verdict: "pass", exposed: 0 });
});

test.each<[string, Effect, Resource]>([
  ["no store", "store-away", "store"],
  ["no worker that is well", "cut-off", "link:worker:0"],
])("waits while there is %s", (_, effect, resource) => {
  const during = (startedAt: number) =>
    waited(startedAt, {
      meanwhile({ run }) {
        const fault = run
          .at(500)
          .fault("f", { effect, touches: [resource] })
          .armed();
        run.at(4_000);
        fault.bit().healed();
      },
    });
  expect(judge(during(9_500))).toMatchObject({ verdict: "pass" });
  expect(judge(during(12_500))).toMatchObject({ verdict: "fail" });
});

test("the death of a worker begins the wait anew: it may have had the jobs", () => {
  const run = waited(9_500, { meanwhile: (all) => void all.run.process("worker", { slot: 1 }).at(4_500).killed() });
  expect(judge(run)).toMatchObject({ verdict: "pass" });
});

test("is unknown when starts may be missing", () => {
  const run = waited(9_500);
  run.process("worker", { slot: 1 }).withoutFile();
  expect(judge(run)).toMatchObject({ verdict: "unknown", counts: { unsure: 1 } });
});
