import { expect, test } from "vitest";
import { history, type History } from "./testing/history.ts";
import { blindShareOf } from "./blind-share.ts";

/** A job each 100 ms for 40 s, run by one of two workers for so long, and what happens meanwhile. */
function steady(meanwhile: (run: History) => void, facts: Parameters<typeof history>[0] = {}, runMs = 1_000): History {
  const jobs = 400;
  const run = history({ jobs, ...facts });
  const producer = run.process("producer");
  const workers = [run.process("worker"), run.process("worker", { slot: 1 })];
  for (let job = 0; job < jobs; job++) {
    const worker = workers[job % 2];
    producer
      .at(job * 100)
      .send(job)
      .ok(job);
    worker
      ?.start(job)
      .at(job * 100 + runMs)
      .end(job);
    if (facts.tellsSettlements !== false) worker?.accepted(job);
  }
  meanwhile(run);
  run.at(40_000).phase("heal");
  return run;
}

const paused = (from: number, to: number) => (run: History) => {
  const pause = run
    .at(from)
    .fault("pause", { effect: "paused", touches: ["worker:0"] })
    .armed();
  run.at(to);
  pause.bit().healed();
};

test("where nothing went wrong, nothing would be excused", () => {
  const { repeats, recoveries } = blindShareOf(steady(() => {}).ledger());
  expect(repeats.map(({ bySame, byAnother }) => [bySame, byAnother])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  expect(recoveries).toEqual([
    { timesBound: 1.5, share: 0 },
    { timesBound: 2, share: 0 },
  ]);
});

test("who stands still repeats nothing, and is not asked", () => {
  const standing = (slots: readonly number[]) => (run: History) =>
    slots.forEach((slot) => {
      const pause = run
        .at(0)
        .fault("pause", { effect: "paused", touches: [`worker:${slot}`] })
        .armed();
      run.at(41_000);
      pause.bit().healed();
    });
  const asked = (slots: readonly number[]) => blindShareOf(steady(standing(slots)).ledger()).repeats[0];
  expect(asked([0])).toMatchObject({ bySame: 0, byAnother: 0 });
  expect(asked([0, 1])).toMatchObject({ bySame: undefined, byAnother: undefined });
});

test("a pause excuses what its worker had in hand, and no more", () => {
  const shares = (runMs: number) => blindShareOf(steady(paused(20_000, 28_000), {}, runMs).ledger()).repeats;
  expect(shares(1_000).every(({ bySame, byAnother }) => bySame === 0 && byAnother === 0)).toBe(true);
  const [, after5] = shares(8_000);
  expect(after5?.byAnother).toBeGreaterThan(0.02);
  expect(after5?.byAnother).toBeLessThan(0.2);
  // A pause that nobody can have noticed excuses nothing at all.
  const short = blindShareOf(steady(paused(20_000, 20_500), {}, 8_000).ledger());
  expect(short.repeats.every(({ bySame, byAnother }) => bySame === 0 && byAnother === 0)).toBe(true);
});

test("where settlements are not told, what had ended and had time to be settled is over as well", () => {
  const { repeats } = blindShareOf(steady(paused(20_000, 28_000), { tellsSettlements: false }).ledger());
  expect(repeats[1]?.byAnother).toBeLessThan(0.1);
});

test("a loss is hidden while there is no store, or nobody has watched for a lease", () => {
  const away = (run: History): void => {
    const stop = run
      .at(10_000)
      .fault("stop", { effect: "store-away", touches: ["store"] })
      .armed();
    run.at(18_000);
    stop.bit().healed();
  };
  const [half = 0, twice = 0] = blindShareOf(steady(away).ledger()).recoveries.map(({ share }) => share);
  // The store is away for 8 s: 1.5 times a bound of 10 s, less those and the lease after it, is too little.
  expect(half).toBeGreaterThan(0.2);
  expect(half).toBeLessThan(0.6);
  expect(twice).toBeLessThan(half);
});

test("where nothing was started, nothing is said", () => {
  expect(blindShareOf(history().ledger()).repeats[0]).toEqual({
    afterSeconds: 1,
    bySame: undefined,
    byAnother: undefined,
  });
});
