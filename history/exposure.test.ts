import { expect, test } from "vitest";
import { history } from "./testing/history.ts";
import { exposedTo } from "./exposure.ts";

test("jobs in the hands of who is killed are caught, those of idle workers are none", () => {
  const run = history({ jobs: 3 });
  const [producer, busy, idle] = [run.process("producer"), run.process("worker"), run.process("worker", { slot: 1 })];
  run.clean([0], producer, busy);
  producer.send(1).ok(1);
  busy.start(1);
  run.at(1_000);
  const kills = [0, 1].map((slot) => run.fault("kill", { effect: "killed", touches: [`worker:${slot}`] }).armed());
  busy.killed();
  idle.killed();
  for (const kill of kills) kill.bit().healed();
  const next = run.at(6_000).process("worker", { slot: 2, spawned: "now" });
  next.start(1).end(1).accepted(1);
  const ledger = run.ledger();
  expect(exposedTo(ledger, "caught")).toBe(1);
  expect(exposedTo(ledger, "sending", "stored", "failed")).toBe(0);
});

test("four kills of idle workers expose nothing but what ran, or came to be due, afterwards", () => {
  const run = history({ jobs: 2 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([0], producer, worker);
  for (const slot of [1, 2, 3, 4]) {
    const idle = run.process("worker", { slot });
    const kill = run.at(slot * 2_000).fault("kill", { effect: "killed", touches: [`worker:${slot}`] });
    idle.killed();
    kill.armed().bit().healed();
  }
  run.at(20_000);
  run.clean([1], producer, worker);
  const ledger = run.ledger();
  expect(exposedTo(ledger, "caught", "failed", "sending", "stored", "beside")).toBe(0);
  expect(exposedTo(ledger, "after")).toBe(1);
});

test("an enqueue is exposed while its own producer is hit, or nobody has a store; a job in the store when that goes", () => {
  const run = history({ jobs: 4, producers: 2 });
  const even = run.process("producer");
  const odd = run.process("producer", { slot: 1 });
  run.process("worker");
  even.send(0);
  odd.send(1).ok(1);
  const cut = run
    .at(1_000)
    .fault("cut", { effect: "cut-off", touches: ["link:producer:0"] })
    .armed();
  odd.send(3).ok(3);
  run.at(3_000);
  cut.bit().healed();
  even.ok(0);
  expect(exposedTo(run.ledger(), "sending")).toBe(1);
  expect(exposedTo(run.ledger(), "stored")).toBe(0);
  const away = run
    .at(5_000)
    .fault("stop", { effect: "store-away", touches: ["store"] })
    .armed();
  run.at(8_000);
  away.bit().healed();
  expect(exposedTo(run.ledger(), "stored")).toBe(3);
});
