import { expect, test } from "vitest";
import { history } from "../test/history.ts";
import { buildLedger } from "./ledger-builder.ts";
import type { Ledger } from "./ledger.ts";

const ends = (ledger: Ledger): readonly string[] =>
  ledger.incarnations.filter(({ role }) => role !== "harness").map(({ end }) => end);
const incomplete = (ledger: Ledger): readonly (readonly [number, string])[] =>
  ledger.integrity.incomplete.map(({ incarnation, why }) => [incarnation, why]);

test("how each process ended, and whose file may lack records", () => {
  const run = history();
  run.process("producer");
  const worker = (slot: number) => run.process("worker", { slot });
  worker(0).at(100).killed();
  const crashed = worker(1).at(200).crashed(70);
  const running = worker(2).leftRunning();
  const fileless = worker(3).withoutFile();
  const gapped = worker(4).start(0).gap().end(0);
  const ledger = run.ledger();
  expect(ends(ledger)).toEqual(["closed", "killed", "crashed", "running", "crashed", "closed"]);
  expect(incomplete(ledger)).toEqual([
    [crashed.incarnation, "it ended by itself with code 70 and without a closing record"],
    [running.incarnation, "it has no closing record, and nobody saw it end"],
    [fileless.incarnation, "it has no history file"],
    [gapped.incarnation, expect.stringMatching(/^record \d+ stands where \d+ should$/)],
  ]);
});

test("a killed process with a dropped record is incomplete all the same", () => {
  const run = history();
  const worker = run.process("worker").start(0).gap().end(0).at(100).killed();
  const ledger = run.ledger();
  expect(ends(ledger)).toEqual(["killed"]);
  expect(incomplete(ledger)).toHaveLength(1);
  expect(ledger.integrity.incomplete[0]?.incarnation).toBe(worker.incarnation);
});

test("a process that never became ready needs no file", () => {
  const run = history();
  run.process("worker").withoutFile();
  const journal = run.journal().filter(({ type }) => type !== "ready");
  const ledger = buildLedger({ ...run.ledger().run }, journal, run.sources());
  expect(incomplete(ledger)).toEqual([]);
});

test("lives are in ms since the load began, from before it", () => {
  const run = history();
  run.process("worker").at(100).killed();
  const [life] = run.ledger().incarnations.filter(({ role }) => role === "worker");
  expect(life).toMatchObject({ spawnedAt: -1e9, exitedAt: 100e6, stalls: [] });
});

test("a process that did not tick was stalled; one that ticked was not", () => {
  const run = history();
  const stalled = run.process("worker");
  run.process("worker", { slot: 1 });
  run.at(1000);
  stalled.stalled(2000);
  run.at(9000);
  const [first, second] = run.ledger().incarnations.filter(({ role }) => role === "worker");
  expect(first?.stalls).toHaveLength(1);
  expect(first?.stalls[0]?.from).toBeGreaterThanOrEqual(850e6);
  expect(first?.stalls[0]?.from).toBeLessThanOrEqual(1000e6);
  expect(first?.stalls[0]?.to).toBe(3000e6);
  expect(second?.stalls).toEqual([]);
});

test("paused until it was killed is stalled to its end", () => {
  const run = history();
  const worker = run.process("worker");
  run.at(1000);
  worker.stalled(5000).killed();
  const [life] = run.ledger().incarnations.filter(({ role }) => role === "worker");
  expect(life?.stalls.map(({ to }) => to)).toEqual([6000e6]);
});
