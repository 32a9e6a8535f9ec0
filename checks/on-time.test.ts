/**
 * Starts that come late though a hand was free: which of the four checks says so, and which waits are nobody's fault.
 */
import { expect, test } from "vitest";
import type { Effect } from "../history/effects.ts";
import type { Resource } from "../history/resource.ts";
import type { RunFacts } from "../history/ledger.ts";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import { delayedOnTime } from "./delayed-on-time.ts";
import { progress } from "./progress.ts";
import { retryOnTime } from "./retry-on-time.ts";
import { spread } from "./spread.ts";
import { startedOnTime } from "./started-on-time.ts";

interface Cast {
  readonly run: History;
  readonly producer: ScriptedProcess;
  readonly first: ScriptedProcess;
  readonly second: ScriptedProcess;
}

const boundMs = 5_000;
/** Of the others, which go well meanwhile. */
const everyMs = 400;
const firstOther = 10;

/** Jobs from 10 on are sent and started one by one until then, by the first worker; the rest is the script's. */
function going(untilMs: number, script: (cast: Cast) => void, facts: Partial<RunFacts> = {}): History {
  const others = Math.ceil(untilMs / everyMs);
  const run = history({ jobs: firstOther + others, ...facts });
  const [producer, first, second] = [
    run.process("producer"),
    run.process("worker"),
    run.process("worker", { slot: 1 }),
  ];
  for (let job = firstOther; job < firstOther + others; job++)
    run.at(50 + (job - firstOther) * everyMs).clean([job], producer, first);
  script({ run, producer, first, second });
  return run.at(Math.max(untilMs, run.now()));
}

/** By the terms of a queue that starts what is due within five seconds. */
function verdicts(run: History): Readonly<Record<"started" | "delayed" | "retried" | "spread", string>> {
  const ledger = run.ledger();
  return {
    started: startedOnTime.check(ledger, { boundMs }).verdict,
    delayed: delayedOnTime.check(ledger, { boundMs, lookMs: 0 }).verdict,
    retried: retryOnTime.check(ledger, { boundMs, lookMs: 0, factor: 2, jitter: 0.5 }).verdict,
    spread: spread.check(ledger, { boundMs, lookMs: 0 }).verdict,
  };
}
const green = { started: "pass", delayed: "pass", retried: "pass", spread: "pass" } as const;

const sat =
  (fromMs: number, toMs: number) =>
  ({ producer, second }: Cast): void => {
    producer.at(fromMs).send(0).ok(0);
    second.at(toMs).start(0).end(0).accepted(0);
  };
const during = ({ run }: Cast, effect: Effect, resource: Resource, from: number, to: number): void => {
  const fault = run.at(from).fault("f", { effect, touches: [resource] });
  fault.armed();
  run.at(to);
  fault.bit().healed();
};

test("a job that waits beside others that come later is late beyond the bound, and not within it", () => {
  expect(verdicts(going(30_000, sat(2_100, 6_900)))).toEqual(green);
  const late = going(30_000, sat(2_100, 14_900));
  expect(verdicts(late)).toEqual({ ...green, started: "fail" });
  expect(startedOnTime.check(late.ledger(), { boundMs })).toMatchObject({
    violations: 1,
    counts: { late: 1, p50Ms: 0 },
    examples: [{ job: 0, what: expect.stringContaining("started 12.8 s after that by process 3") }],
  });
});

test("while no hand is free nobody is late", () => {
  const busy = (concurrency: number): History =>
    going(
      5_000,
      ({ run, producer, first, second }) => {
        producer.at(1_000).send(1).ok(1).send(2).ok(2).send(0).ok(0);
        first.at(6_000).start(1).at(25_000).end(1).accepted(1);
        second.at(1_100).start(2).at(25_500).end(2).accepted(2).start(0).end(0).accepted(0);
        run.at(26_000);
      },
      { concurrency, claims: {} },
    );
  expect(verdicts(busy(1)).started).toBe("pass");
  expect(verdicts(busy(2)).started).toBe("fail");
});

test.each<[string, Effect, Resource]>([
  ["cut off", "cut-off", "link:worker:1"],
  ["paused", "paused", "worker:1"],
  ["without replies", "reply-lost", "link:worker:1"],
  ["slow", "slow", "link:worker:1"],
  ["without a store", "store-away", "store"],
])(
  "whoever may have had it was %s: excused until its recovery is over, and from then on not",
  (_, effect, resource) => {
    const caught = (startedAt: number): History =>
      going(60_000, (cast) => {
        during(cast, effect, resource, 3_000, 9_000);
        sat(2_100, startedAt)(cast);
      });
    expect(verdicts(caught(17_900))).toEqual(green);
    expect(verdicts(caught(38_000))).toEqual({ ...green, started: "fail" });
  },
);

test("a hit excuses nothing that was due long after it, and nothing that was late before it", () => {
  const hit = (fromMs: number, toMs: number, at: number): History =>
    going(60_000, (cast) => {
      during(cast, "paused", "worker:1", at, at + 6_000);
      sat(fromMs, toMs)(cast);
    });
  expect(verdicts(hit(14_000, 24_500, 2_000))).toEqual({ ...green, started: "fail" });
  expect(verdicts(hit(2_100, 24_000, 16_000))).toEqual({ ...green, started: "fail" });
});

test("a bent clock of a worker explains nothing, and a pause too short for anybody to notice only itself", () => {
  const hit = (effect: Effect, resource: Resource): History =>
    going(60_000, (cast) => {
      during(cast, effect, resource, 3_000, 3_500);
      sat(2_100, 16_000)(cast);
    });
  expect(verdicts(hit("clock-bent", "clock:worker:1"))).toEqual({ ...green, started: "fail" });
  expect(verdicts(hit("paused", "worker:1"))).toEqual({ ...green, started: "fail" });
  expect(verdicts(hit("cut-off", "link:worker:1"))).toEqual(green);
});

test("a worker that is not ready, or asked to stop, or did not run, has no free hand", () => {
  const alone = (script: (cast: Pick<Cast, "run" | "producer" | "first">) => void): History => {
    const run = history({ jobs: 2, claims: {} });
    script({ run, producer: run.process("producer"), first: run.process("worker") });
    return run.wait(2_000);
  };
  const stalled = alone(({ producer, first }) => {
    producer.at(100).send(0).ok(0);
    first.at(500).stalled(20_000).start(0).end(0).accepted(0);
  });
  expect(verdicts(stalled)).toEqual(green);
  const gone = alone(({ run, producer, first }) => {
    during({ run, producer, first, second: first }, "asked-to-stop", "worker:0", 500, 20_000);
    producer.at(100).send(0).ok(0);
    first.at(900).closed();
    run.at(18_000).process("worker", { spawned: "now" }).at(20_000).start(0).end(0).accepted(0);
  });
  expect(verdicts(gone)).toEqual(green);
});

test("what is worked off in its turn, however slowly, is not late; what others overtake is", () => {
  const jobs = 40;
  const backlog = (order: (turn: number) => number): History => {
    const run = history({ jobs, claims: {} });
    const [producer, first, second] = [
      run.process("producer"),
      run.process("worker"),
      run.process("worker", { slot: 1 }),
    ];
    for (let job = 0; job < jobs; job++)
      producer
        .at(100 + job * 100)
        .send(job)
        .ok(job);
    for (let turn = 0; turn < jobs; turn++)
      for (const worker of [turn % 2 === 0 ? first : second])
        worker
          .at(500 + turn * 500)
          .start(order(turn))
          .at(2_000 + turn * 500)
          .end(order(turn))
          .accepted(order(turn));
    return run.wait(1_000);
  };
  expect(verdicts(backlog((turn) => turn))).toEqual(green);
  expect(startedOnTime.check(backlog((turn) => turn).ledger(), { boundMs })).toMatchObject({
    counts: { excused: expect.any(Number) },
  });
  expect(verdicts(backlog((turn) => (turn === jobs - 1 ? 0 : turn + 1)))).toEqual({ ...green, started: "fail" });
});

test("where nothing is started at all it is told by progress, as long as that is in force", () => {
  const still = (claims: RunFacts["claims"]): History => {
    const run = history({ jobs: 1, claims });
    const [producer, worker] = [run.process("producer"), run.process("worker")];
    producer.at(100).send(0).ok(0);
    worker.at(20_500).start(0).end(0).accepted(0);
    return run.wait(1_000);
  };
  expect(verdicts(still({ progress: { boundMs: 10_000 } }))).toEqual(green);
  expect(progress.check(still({}).ledger(), { boundMs: 10_000 })).toMatchObject({ verdict: "fail" });
  expect(verdicts(still({}))).toEqual({ ...green, started: "fail" });
});

test("a delay is over by the store's clock: late after it, and not judged where that was set meanwhile", () => {
  const delayed = (startedAt: number, script: (cast: Cast) => void = () => {}): History =>
    going(40_000, (cast) => {
      script(cast);
      cast.producer.at(2_000).send(0, { delayMs: 3_000 }).ok(0);
      cast.second.at(startedAt).start(0).end(0).accepted(0);
    });
  expect(verdicts(delayed(9_500))).toEqual(green);
  expect(verdicts(delayed(18_000))).toEqual({ ...green, delayed: "fail" });
  // Set before it was due as well: somebody may have had it sooner, and lost it.
  for (const [from, to] of [
    [1_500, 2_500],
    [3_000, 3_500],
  ] as const) {
    const bent = delayed(18_000, (cast) => during(cast, "clock-bent", "clock:store", from, to));
    expect(delayedOnTime.check(bent.ledger(), { boundMs, lookMs: 0 })).toMatchObject({
      verdict: "pass",
      judged: 0,
      counts: { unjudged: 1 },
    });
  }
});

test("a retry is due when its backoff is over, with what may be added to it", () => {
  const retried = (startedAt: number, script: (cast: Cast) => void = () => {}): History =>
    going(50_000, (cast) => {
      script(cast);
      cast.producer.at(2_000).send(0, { plannedFailures: 1 }).ok(0);
      cast.second.at(2_100).start(0).failed(0);
      cast.first.at(startedAt).start(0, { attempt: 2 }).end(0, { attempt: 2 }).accepted(0, { attempt: 2 });
    });
  // Due at 2.1 s and the second that a settlement may take, and one and a half of backoff.
  expect(verdicts(retried(9_500))).toEqual(green);
  expect(verdicts(retried(15_500))).toEqual({ ...green, retried: "fail" });
  // Whoever was cut off when it may have been due at the soonest may have had it.
  expect(verdicts(retried(15_500, (cast) => during(cast, "cut-off", "link:worker:1", 3_100, 3_400)))).toEqual(green);
  // And who was cut off as it failed may have said so only when it was back.
  expect(verdicts(retried(15_500, (cast) => during(cast, "cut-off", "link:worker:1", 2_050, 8_000)))).toEqual(green);
});

/** Two workers with one hand each: the first is at it all the time, and the second does nothing. */
function hoarded(hands: number, second: "idle" | "full"): History {
  const jobs = 24;
  const run = history({ jobs, concurrency: hands, claims: {} });
  const [producer, first, other] = [run.process("producer"), run.process("worker"), run.process("worker", { slot: 1 })];
  for (let job = 0; job < jobs; job++)
    producer
      .at(100 + job)
      .send(job)
      .ok(job);
  if (second === "full")
    other
      .at(150)
      .start(jobs - 1)
      .at(30_000)
      .end(jobs - 1)
      .accepted(jobs - 1);
  for (let job = 0; job < jobs - 1; job++)
    first
      .at(200 + job * 1_000)
      .start(job)
      .at(1_190 + job * 1_000)
      .end(job)
      .accepted(job);
  if (second === "idle")
    first
      .at(23_200)
      .start(jobs - 1)
      .end(jobs - 1)
      .accepted(jobs - 1);
  return run.at(31_000);
}

test("jobs that wait for the full hands of one while another is idle are not spread", () => {
  expect(verdicts(hoarded(1, "idle"))).toEqual({ ...green, spread: "fail" });
  expect(JSON.stringify(spread.check(hoarded(1, "idle").ledger(), { boundMs, lookMs: 0 }))).toContain(
    "that one had its hands full, and another was well and had one free",
  );
  expect(verdicts(hoarded(1, "full"))).toEqual(green);
  // It could have begun with more of them itself.
  expect(verdicts(hoarded(2, "idle"))).toEqual({ ...green, started: "fail" });
});

test("what is not on record may have been an earlier start", () => {
  const late = going(30_000, (cast) => {
    sat(2_100, 14_900)(cast);
    cast.second.gap();
  });
  expect(startedOnTime.check(late.ledger(), { boundMs })).toMatchObject({ verdict: "unknown" });
});
