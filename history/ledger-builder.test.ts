import { expect, test } from "vitest";
import { history } from "../test/history.ts";
import { never, outcomes } from "./ledger.ts";

test("clean jobs are in the columns and have no life of their own", () => {
  const run = history({ jobs: 3 });
  const producer = run.process("producer");
  const worker = run.process("worker");
  run.at(10).clean([0, 1], producer, worker);
  const ledger = run.ledger();
  expect([...ledger.columns.outcome]).toEqual([outcomes.ok, outcomes.ok, outcomes.notSent]);
  expect([...ledger.columns.starts]).toEqual([1, 1, 0]);
  expect(ledger.columns.sentAt[0]).toBe(1000);
  expect(ledger.columns.lastEndAt[1]).toBe(1800);
  expect(ledger.columns.lastEndAt[2]).toBe(never);
  expect([...ledger.exceptions()]).toEqual([]);
  expect(ledger.integrity.incomplete).toEqual([]);
});

test("a job that ran twice has its life in order of time, whoever wrote it", () => {
  const run = history({ jobs: 40 });
  const producer = run.process("producer");
  const first = run.process("worker");
  const second = run.process("worker", { slot: 1 });
  producer.send(33, { plannedFailures: 1 }).ok(33);
  first.start(33);
  run.at(100);
  first.killed();
  run.at(200);
  second.start(33, { attempt: 2 }).end(33, { attempt: 2 }).accepted(33, { attempt: 2 });
  const ledger = run.ledger();
  expect([...ledger.exceptions()].map(({ job }) => job)).toEqual([33]);
  expect(ledger.life(33).map(({ at, kind, incarnation, attempt }) => [at / 1e6, kind, incarnation, attempt])).toEqual([
    [0, "send", 1, 0],
    [1, "ok", 1, 0],
    [2, "start", 2, 1],
    [200, "start", 3, 2],
    [201, "end", 3, 2],
    [202, "accepted", 3, 2],
  ]);
  expect(ledger.incarnations.map(({ end }) => end)).toEqual(["closed", "closed", "killed", "closed"]);
});
