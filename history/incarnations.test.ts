import { expect, test } from "vitest";
import { history } from "./testing/history.ts";
import { buildLedger } from "./ledger-builder.ts";
import { unwritableCode } from "./journal.ts";
import type { Ledger } from "./ledger.ts";
import { memorySource, type HistorySource } from "./reader.ts";

const ends = (ledger: Ledger): readonly string[] =>
  ledger.incarnations.filter(({ role }) => role !== "harness").map(({ end }) => end);
const incomplete = (ledger: Ledger): readonly (readonly [number, string])[] =>
  ledger.integrity.incomplete.map(({ incarnation, why }) => [incarnation, why]);

const bytesOf = (source: HistorySource | undefined): Uint8Array => {
  const into = new Uint8Array(1 << 16);
  using file = source?.open();
  return into.subarray(0, file?.read(into, 0) ?? 0);
};

test("how each process ended, and whose file may lack records", () => {
  const run = history();
  run.process("producer");
  const worker = (slot: number) => run.process("worker", { slot });
  worker(0).at(100).killed();
  worker(1).at(200).crashed(70);
  const running = worker(2).leftRunning();
  const fileless = worker(3).withoutFile();
  const gapped = worker(4).start(0).gap().end(0);
  const ledger = run.ledger();
  expect(ends(ledger)).toEqual(["closed", "killed", "crashed", "running", "closed", "closed"]);
  expect(incomplete(ledger)).toEqual([
    [running.incarnation, "it has no closing record, and nobody saw it end"],
    [fileless.incarnation, "it has no history file"],
    [gapped.incarnation, expect.stringMatching(/^record \d+ stands where \d+ should$/)],
  ]);
});

test("a file that is shorter than it was when its process ended is incomplete, wherever it was cut", () => {
  const run = history({ jobs: 4 });
  const worker = run.process("worker").start(0).end(0).at(300).killed();
  const [own] = run.sources().filter(({ incarnation }) => incarnation === worker.incarnation);
  const whole = bytesOf(own);
  for (let cut = 0; cut < whole.length; cut++) {
    const sources = run
      .sources()
      .map((source) => (source.incarnation === 1 ? memorySource(1, whole.subarray(0, cut)) : source));
    const ledger = buildLedger(run.ledger().run, run.journal(), sources);
    expect(ends(ledger)).toEqual(["killed"]);
    expect(incomplete(ledger)).toEqual([
      [
        1,
        0 < cut && cut < 32
          ? "it does not begin as a history does"
          : `it has ${cut} bytes, and had ${whole.length} when its process ended`,
      ],
    ]);
  }
});

test("one that ended well, but whose closing record was lost, is not taken for one that crashed", () => {
  const run = history();
  run.process("worker");
  const lost = run.sources().filter(({ incarnation }) => incarnation === 0);
  const ledger = buildLedger(run.ledger().run, run.journal(), lost);
  expect(ends(ledger)).toEqual(["closed"]);
  expect(incomplete(ledger)).toEqual([[1, "it has no history file"]]);
});

test("one that left by itself, with code 0 and no closing record, crashed", () => {
  const run = history();
  run.process("worker").at(100).crashed(0);
  expect(ends(run.ledger())).toEqual(["crashed"]);
  expect(incomplete(run.ledger())).toEqual([]);
});

test("one that could not write any more has an incomplete file", () => {
  const run = history();
  run.process("worker").at(100).crashed(unwritableCode);
  expect(incomplete(run.ledger())).toEqual([[1, "it could not be written any more"]]);
});

test("the harness's own file is of every run", () => {
  const run = history();
  const without = run.sources().filter(({ incarnation }) => incarnation !== 0);
  const { integrity } = buildLedger(run.ledger().run, run.journal(), without);
  expect(integrity.incomplete).toEqual([{ incarnation: 0, role: "harness", why: "it has no history file" }]);
});

test("of a run of before file lengths were on record, a process that crashed has an incomplete file", () => {
  const run = history();
  run.process("worker").at(200).crashed(70);
  const journal = run.journal().map((line) => {
    if (line.type !== "exited") return line;
    const { bytes: _, ...rest } = line;
    return rest;
  });
  const ledger = buildLedger(run.ledger().run, journal, run.sources());
  expect(incomplete(ledger)).toEqual([[1, "it ended by itself with code 70 and without a closing record"]]);
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
