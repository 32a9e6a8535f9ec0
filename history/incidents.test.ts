import { expect, test } from "vitest";
import { history } from "./testing/history.ts";

const ms = (ns: number): number => ns / 1e6;

test("a fault is in force from its arming to the proof that it is over, for those in the touched slots", () => {
  const run = history();
  run.process("producer");
  const touched = run.process("worker", { slot: 2 });
  run.process("worker", { slot: 3 });
  run.at(1000);
  const cut = run
    .fault("cut", { effect: "cut-off", touches: ["link:worker:2"] })
    .armed()
    .bit({ resets: 2 });
  run.at(2000);
  cut.notHealed("still cut");
  run.at(3000);
  cut.healed({ reached: 1 });
  const [incident] = run.ledger().incidents;
  expect(incident).toMatchObject({ id: cut.id, fault: "cut", effect: "cut-off", incarnations: [touched.incarnation] });
  expect([ms(incident?.from ?? 0), ms(incident?.to ?? 0)]).toEqual([1000, 3000]);
  expect(incident?.bit).toEqual({ proven: true, facts: { resets: 2 } });
  expect(incident?.healed).toEqual({ proven: true, facts: { reached: 1 } });
});

test("a fault that nobody proved over is in force to the end of the run", () => {
  const run = history();
  run.process("worker");
  run
    .at(1000)
    .fault("cut", { effect: "cut-off", touches: ["worker:0"] })
    .notBit("nothing flowed")
    .notHealed("no answer");
  run.at(9000).phase("over");
  const [incident] = run.ledger().incidents;
  expect(ms(incident?.to ?? 0)).toBeGreaterThanOrEqual(9000);
  expect(incident?.bit).toEqual({ proven: false, why: "nothing flowed" });
  expect(incident?.healed).toEqual({ proven: false, why: "no answer" });
});

test("a kill hits the life that was in the slot, not the one that takes its place; a cut hits both", () => {
  const run = history();
  const first = run.process("worker");
  run.at(1000);
  const kill = run.fault("kill", { effect: "killed", touches: ["worker:0"] });
  const cut = run.fault("cut", { effect: "cut-off", touches: ["link:worker:0"] });
  run.at(1100);
  first.killed();
  kill.bit();
  run.at(2000);
  const second = run.process("worker", { spawned: "now" });
  run.at(3000);
  kill.healed();
  cut.healed();
  const { incidents, incarnations } = run.ledger();
  expect(incidents.map(({ incarnations: hit }) => hit)).toEqual([
    [first.incarnation],
    [first.incarnation, second.incarnation],
  ]);
  expect(incarnations.filter(({ role }) => role === "worker").map(({ end }) => end)).toEqual(["killed", "closed"]);
});

test("a kill that was armed while the slot was empty hits the next life of it", () => {
  const run = history();
  const first = run.process("worker").at(500).killed();
  const kill = run.at(1000).fault("kill", { effect: "killed", touches: ["worker:0"] });
  const second = run.at(1500).process("worker", { spawned: "now" }).at(1600).killed();
  run.at(2000).process("worker", { spawned: "now" });
  run.at(3000);
  kill.bit().healed();
  expect(first.incarnation).toBe(1);
  expect(run.ledger().incidents[0]?.incarnations).toEqual([second.incarnation]);
});

test("when the store is away, all who lived then are hit", () => {
  const run = history();
  const producer = run.process("producer");
  run.process("worker").at(500).closed();
  const worker = run.process("worker", { slot: 1 });
  run
    .at(1000)
    .fault("broker-stopped", { effect: "store-away", touches: ["store"] })
    .bit()
    .healed();
  expect(run.ledger().incidents[0]?.incarnations).toEqual([producer.incarnation, worker.incarnation]);
});

test("who is told to go is hit, and not the one that takes its place", () => {
  const run = history();
  const first = run.process("worker");
  const ask = run
    .at(1000)
    .fault("restart", { effect: "asked-to-stop", touches: ["worker:0"] })
    .armed();
  first.at(1200).closed();
  const second = run.process("worker", { spawned: "now" });
  run.at(3000);
  ask.bit().healed();
  const ledger = run.ledger();
  expect(ledger.incidents[0]?.incarnations).toEqual([first.incarnation]);
  expect(ms(ledger.armedAt.get(ask.id) ?? 0)).toBe(1001);
  expect(ms(ledger.readyAt.get(second.incarnation) ?? 0)).toBe(1202);
});

test("the clock of the store is everybody's, that of a worker its own", () => {
  const run = history();
  const producer = run.process("producer");
  const worker = run.process("worker", { slot: 1 });
  run
    .at(1000)
    .fault("clock", { effect: "clock-bent", touches: ["clock:store"] })
    .bit()
    .healed();
  run
    .at(2000)
    .fault("clock", { effect: "clock-bent", touches: ["clock:worker:1"] })
    .bit()
    .healed();
  expect(run.ledger().incidents.map(({ incarnations }) => incarnations)).toEqual([
    [producer.incarnation, worker.incarnation],
    [worker.incarnation],
  ]);
});
