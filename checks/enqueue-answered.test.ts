import { expect, test } from "vitest";
import { boundsOf } from "../history/bounds.ts";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import { enqueueAnswered } from "./enqueue-answered.ts";
import { enqueueRecovers } from "./enqueue-recovers.ts";

const bounds = boundsOf({ recoveryMs: 5_000, retryMs: 0 });
const usual = enqueueAnswered.neutral;
const judge = (run: History, terms: Partial<typeof usual> = {}) =>
  enqueueAnswered.check(run.ledger(), { ...usual, ...terms });

/** One enqueue each 100 ms for 60 s; the store may be away from 10 s to 12 s. */
function enqueued(
  answer: (job: number, producer: ScriptedProcess, run: History) => void,
  { away = false, producers = 1 } = {},
): History {
  const jobs = 600;
  const run = history({ jobs, producers, bounds, claims: { "enqueue-recovers": { boundMs: 5_000 } } });
  const all = Array.from({ length: producers }, (_, slot) => run.process("producer", { slot }));
  for (let job = 0; job < jobs; job++) {
    const producer = all[job % producers];
    if (producer !== undefined) answer(job, producer.at(job * 100).send(job), run);
  }
  if (away) {
    const stop = run
      .at(10_000)
      .fault("stop", { effect: "store-away", touches: ["store"] })
      .armed();
    run.at(12_000);
    stop.bit().healed();
  }
  return run.at(60_000);
}

test("passes when all are acknowledged, and a stray one is not", () => {
  const all = enqueued((job, producer) => void producer.ok(job));
  expect(judge(all)).toMatchObject({ verdict: "pass", exposed: 600, counts: { acknowledged: 600 } });
  const some = enqueued((job, producer) => void (job % 100 === 7 ? producer.unknown(job) : producer.ok(job)));
  expect(judge(some)).toMatchObject({ verdict: "pass", counts: { unknown: 6, allowed: 6 } });
});

test("fails when every third is dropped and answered as unknown", () => {
  const run = enqueued((job, producer) => void (job % 3 === 2 ? producer.unknown(job) : producer.ok(job)));
  const verdict = judge(run);
  expect(verdict).toMatchObject({ verdict: "fail", violations: 1, counts: { unknown: 200 } });
  expect(verdict).toMatchObject({ examples: [{ job: 2, what: expect.stringContaining("66.7 %") }] });
});

test("fails when most are refused, unless the queue refuses by design", () => {
  const run = enqueued((job, producer) => void (job % 100 === 0 ? producer.ok(job) : producer.refused(job)));
  expect(judge(run)).toMatchObject({ verdict: "fail", counts: { refused: 594 } });
  expect(judge(run, { refusals: "free" })).toMatchObject({ verdict: "pass", exposed: 6 });
});

test("fails when answers come too late, or never", () => {
  const late = enqueued((job, producer) => void producer.at(job * 100 + 3_000).ok(job));
  expect(judge(late)).toMatchObject({ verdict: "pass" });
  expect(judge(late, { withinMs: 2_000 })).toMatchObject({ verdict: "fail", counts: { tooLate: 600 } });
  const never = enqueued((job, producer) => void (job % 2 === 0 ? producer.ok(job) : producer));
  expect(judge(never, { withinMs: 2_000 })).toMatchObject({ verdict: "fail" });
});

test("accuses nobody of one of a few: less than the whole share lets one go", () => {
  const few = history({ jobs: 3, bounds });
  const producer = few.process("producer");
  producer.send(0).unknown(0).send(1).ok(1).send(2).ok(2);
  expect(judge(few)).toMatchObject({ verdict: "pass" });
  expect(judge(few, { share: 1 })).toMatchObject({ verdict: "fail" });
});

test("what a fault, or the recovery from it, was near to is not judged", () => {
  const isNear = (job: number): boolean => job >= 100 && job <= 171;
  const run = enqueued((job, producer) => void (isNear(job) ? producer.unknown(job) : producer.ok(job)), {
    away: true,
  });
  expect(judge(run)).toMatchObject({ verdict: "pass", counts: { unknown: 0 } });
});

test("a client that never finds back after a fault is enqueue-recovers', and one that drops some is not", () => {
  const sulks = enqueued((job, producer) => void (job >= 100 ? producer.refused(job) : producer.ok(job)), {
    away: true,
  });
  expect(enqueueRecovers.check(sulks.ledger(), { boundMs: 5_000 }).verdict).toBe("fail");
  expect(judge(sulks)).toMatchObject({ verdict: "pass" });
  const drops = enqueued((job, producer) => void (job % 3 === 2 ? producer.unknown(job) : producer.ok(job)), {
    away: true,
  });
  expect(enqueueRecovers.check(drops.ledger(), { boundMs: 5_000 }).verdict).toBe("pass");
  expect(judge(drops)).toMatchObject({ verdict: "fail" });
});

test("a fault on one producer excuses no other", () => {
  const run = enqueued((job, producer) => void (job % 2 === 1 ? producer.refused(job) : producer.ok(job)), {
    producers: 2,
  });
  const cut = run
    .at(1_000)
    .fault("cut", { effect: "cut-off", touches: ["link:producer:0"] })
    .armed();
  run.at(58_000);
  cut.bit().healed();
  expect(judge(run.at(60_000))).toMatchObject({ verdict: "fail", counts: { refused: 300 } });
});

test("what was under way when its producer was killed, or the run ended, is not judged", () => {
  const run = history({ jobs: 4, bounds });
  run.process("producer").send(0).ok(0).send(1).send(2).killed();
  run.at(8_000).process("producer", { spawned: "now" }).at(9_000).send(3);
  expect(judge(run.at(10_000), { share: 1 })).toMatchObject({ verdict: "pass", counts: { unanswered: 0 } });
});

test("what an adapter did against its contract, or a file that is not whole, is nobody's fault", () => {
  const run = enqueued((job, producer) => void producer.unknown(job));
  const flawed = { ...run.ledger(), flaws: ['system "odd": enqueue threw: no route'] };
  expect(enqueueAnswered.check(flawed, usual)).toMatchObject({ verdict: "unknown" });
  const torn = enqueued((job, producer) => void (job === 5 ? producer.gap() : producer.unknown(job)));
  expect(judge(torn)).toMatchObject({ verdict: "unknown" });
});

test("its terms follow from the bounds, and are never shorter than anybody waits", () => {
  expect(enqueueAnswered.universal?.(bounds)).toEqual({ share: 0.99, withinMs: 60_000, refusals: "counted" });
  expect(enqueueAnswered.universal?.({ ...bounds, recoveryMs: 90_000 })).toMatchObject({ withinMs: 90_000 });
});
