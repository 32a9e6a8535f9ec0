import { expect, test } from "vitest";
import { history } from "../../history/testing/history.ts";
import { percentile } from "../../std/percentile.ts";
import { figuresOf, percentileCurve } from "./figures.ts";
import type { Slice } from "./contract.ts";
import { undisturbed } from "./undisturbed.ts";

const idle = { worker: { ran: 0, waited: 0 }, brokers: [{ ran: 0, waited: 0 }] };
const slice = (from: number, to: number, stretches: Slice["stretches"] = [idle]): Slice => ({
  kind: "backlog",
  lap: 0,
  from,
  to,
  stretches,
  seconds: 1,
});

function recorded(endsAtMs = 1_600) {
  const run = history({ jobs: 4 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.at(100);
  for (const job of [0, 1, 2]) producer.send(job).ok(job);
  run.at(1000);
  worker.start(1).start(0);
  run.at(1200);
  worker.end(0).accepted(0).end(1).accepted(1);
  run.at(1500);
  worker.start(2).end(2);
  return run.at(endsAtMs).ledger();
}

test("a slice lasts from its first start to its last settlement, whatever others did", () => {
  const figures = figuresOf(recorded(), slice(0, 2), 0);
  expect(figures?.jobs).toBe(2);
  expect(figures?.wallMs).toBeGreaterThan(199);
  expect(figures?.wallMs).toBeLessThan(210);
  expect([...(figures?.latenciesMs ?? [])].every((ms) => ms > 1000 && ms < 1200)).toBe(true);
});

test("a job that was never settled counts with its age at the end of the round, and makes no slice faster", () => {
  const figures = figuresOf(recorded(30_000), slice(0, 3), 0);
  expect(figures).toMatchObject({ jobs: 3, unfinished: 1 });
  expect(figures?.wallMs).toBeGreaterThan(28_000);
  expect(figures?.latenciesMs.at(-1)).toBeGreaterThan(28_000);
  expect(figures?.atLeastFromMs).toBe(figures?.latenciesMs.at(-1));
  expect(figuresOf(recorded(), slice(0, 2), 0)).toMatchObject({ unfinished: 0, atLeastFromMs: undefined });
});

test("where nobody began there is no figure", () => {
  expect(figuresOf(recorded(), slice(3, 4), 0)).toBeUndefined();
});

test("the time that others had is taken off, but never what was run", () => {
  const stretch = (ran: number, waited: number, brokerRan = 0, brokerWaited = 0) => [
    { worker: { ran, waited }, brokers: [{ ran: brokerRan, waited: brokerWaited }] },
  ];
  expect(undisturbed(100, stretch(40, 0))).toBe(100);
  expect(undisturbed(100, stretch(40, 30, 10, 10))).toBe(60);
  expect(undisturbed(100, stretch(40, 50, 10, 40))).toBe(40);
  expect(undisturbed(100, stretch(20, 50, 30, 40))).toBe(30);
  // Of several workers, and of several processes of a store, the one that was kept longest.
  const worker = (waited: number) => ({ ran: 10, waited });
  const brokers = [worker(5), worker(20)];
  expect(
    undisturbed(
      100,
      [30, 10].map((waited) => ({ worker: worker(waited), brokers })),
    ),
  ).toBe(50);
  const figures = figuresOf(recorded(), slice(0, 2, stretch(50e6, 100e6, 10e6)), 0);
  expect(figures?.undisturbedMs).toBeCloseTo((figures?.wallMs ?? 0) - 100);
  expect(figures?.workerMicrosPerJob).toBe(25_000);
});

test("where handlers wait, the pace is that at which all of them were taken, by the wall clock", () => {
  const run = history({ jobs: 12 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.at(100);
  for (let job = 0; job < 12; job++) producer.send(job).ok(job);
  // Two at once, 100 ms each; the last two have the worker for themselves, and take four times as long.
  for (let pair = 0; pair < 6; pair++) {
    run.at(1000 + 100 * pair);
    worker.start(2 * pair).start(2 * pair + 1);
    run.at(pair === 5 ? 1900 : 1100 + 100 * pair);
    worker
      .end(2 * pair)
      .accepted(2 * pair)
      .end(2 * pair + 1)
      .accepted(2 * pair + 1);
  }
  const ledger = run.at(3000).ledger();
  const waited = [{ worker: { ran: 0, waited: 300e6 }, brokers: [] }];
  const figures = figuresOf(ledger, slice(0, 12, waited), 2);
  expect(Math.round((figures?.wallMs ?? 0) / 10) * 10).toBe(600);
  expect(figures?.undisturbedMs).toBe(figures?.wallMs);
  expect(Math.round((figuresOf(ledger, slice(0, 12), 0)?.wallMs ?? 0) / 10) * 10).toBe(900);
  // Too few for that: from the first start to the last settlement.
  expect(Math.round((figuresOf(ledger, slice(0, 12), 4)?.wallMs ?? 0) / 10) * 10).toBe(900);
});

test("percentiles by rank, and a curve that ends at the largest", () => {
  const values = Float64Array.from({ length: 100 }, (_, index) => index + 1);
  expect([0, 50, 99, 100].map((percent) => percentile(values, percent))).toEqual([1, 50, 99, 100]);
  const curve = percentileCurve(values);
  expect(curve.at(0)).toEqual([0, 1]);
  expect(curve.at(-1)).toEqual([100, 100]);
  expect(curve.every(([, ms], index) => ms >= (curve[index - 1]?.[1] ?? 0))).toBe(true);
});
