/** What holds for every guarantee, whoever wrote it. */
import { describe, expect, test } from "vitest";
import type { Effect } from "../history/effects.ts";
import { drainOutcomes, type Resource } from "../history/journal.ts";
import type { Ledger } from "../history/ledger.ts";
import { alwaysFails, killsItsWorker, type PlaceName } from "../history/record.ts";
import { seeded, type NonEmpty, type Random } from "../std/random.ts";
import { history, type History, type ScriptedProcess } from "../test/history.ts";
import type { Check } from "./contract.ts";
import { checks, type Terms } from "./index.ts";

const guarantees: Readonly<Record<string, Check>> = checks;

/** The same for every check: what they cost is to be made. */
const ledgers: readonly Ledger[] = Array.from({ length: 200 }, (_, seed) => randomHistory(seeded(`${seed}`)).ledger());

describe.each(Object.entries(guarantees))("%s", (name, { about, needs, options, neutral, check }) => {
  test("is named in words and says in a sentence what it promises", () => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(about).toMatch(/^[A-Z].{30,}\.$/);
    expect(["settlements", "depth"]).toEqual(expect.arrayContaining([...needs]));
  });

  test("accepts its own neutral terms, and no misspelt ones", () => {
    expect(options.parse(neutral)).toEqual(neutral);
    expect(options.safeParse({ misspelt: 1 }).success).toBe(false);
  });

  test("is exposed to nothing by a run in which nothing happened", () => {
    const verdict = check(history({ jobs: 0 }).ledger(), neutral);
    expect(verdict).toMatchObject(
      verdict.verdict === "unknown" ? { verdict: "unknown" } : { verdict: "pass", exposed: 0 },
    );
  });

  test("passes a clean run", () => {
    const run = history({ jobs: 20 });
    run.clean([...Array(20).keys()], run.process("producer"), run.process("worker"));
    expect(check(run.ledger(), neutral)).toMatchObject({ verdict: "pass" });
  });

  test("does not pass a run without a scan, drain and files, unless it was exposed to nothing", () => {
    const run = history({ jobs: 2 });
    const [producer, worker] = [run.process("producer"), run.process("worker")];
    run.clean([0, 1], producer.leftRunning(), worker.leftRunning()).stopped("power cut");
    const verdict = check(run.ledger(), neutral);
    expect(verdict).toMatchObject(verdict.verdict === "pass" ? { exposed: 0 } : { verdict: "unknown" });
  });

  test("accuses nobody of what came after trouble of the run's own parts", () => {
    for (const ledger of ledgers) {
      const trouble = [{ of: "store", what: "the store was killed", from: Number.NEGATIVE_INFINITY }] as const;
      const verdict = check({ ...ledger, trouble }, neutral);
      expect(verdict.verdict).not.toBe("fail");
      if (check(ledger, neutral).verdict === "fail") expect(verdict).toMatchObject({ verdict: "unknown" });
    }
  });

  test("judges whatever happened, twice the same, and explains itself", () => {
    for (const ledger of ledgers) {
      const verdict = check(ledger, neutral);
      expect(check(ledger, neutral)).toEqual(verdict);
      if (verdict.verdict === "not-observable") continue;
      for (const count of Object.values(verdict.counts ?? {})) expect(count).toBeGreaterThanOrEqual(0);
      if (verdict.verdict === "unknown") expect(verdict.reason).not.toBe("");
      if (verdict.verdict === "pass") expect(verdict.exposed).toBeGreaterThanOrEqual(0);
      if (verdict.verdict !== "fail") continue;
      expect(verdict.violations).toBeGreaterThanOrEqual(verdict.examples.length);
      expect(verdict.examples.length).toBeLessThanOrEqual(10);
      for (const { what } of verdict.examples) expect(what).toMatch(/^[A-Z].*\.$/);
    }
  });
});

test("the terms of a claim are typed by the guarantee's name", () => {
  const terms: Terms<"recovery-bound"> = { boundMs: 5_000 };
  expect(checks["recovery-bound"].options.parse(terms)).toEqual(terms);
  expect(checks["duplicates-explained"].options.safeParse({ causes: ["bad luck"] }).success).toBe(false);
});

test("random histories reach every verdict of every guarantee that can have it", () => {
  const seen = new Set<string>();
  for (const ledger of ledgers) {
    for (const [name, { check, neutral }] of Object.entries(guarantees))
      seen.add(`${name}: ${check(ledger, neutral).verdict}`);
  }
  const possible = Object.keys(guarantees).flatMap((name) =>
    ["pass", "unknown", ...(name === "run-valid" ? [] : ["fail"])].map((verdict) => `${name}: ${verdict}`),
  );
  // Their neutral bounds are far beyond what these histories last, or hold.
  const beyond = [
    "recovery-bound",
    "progress",
    "no-starvation",
    "priority-honoured",
    "enqueue-unhindered",
    "enqueue-recovers",
  ].map((name) => `${name}: fail`);
  expect([...seen].sort()).toEqual(possible.filter((verdict) => !beyond.includes(verdict)).sort());
});

/** Anything that a system and a fault could do to a few jobs, sensible or not. */
function randomHistory(random: Random): History {
  const jobs = random.between(1, 6);
  const classes = random.fork("priorities");
  const takeovers = random.fork("takeovers");
  const run = history({
    jobs,
    priorities: ["high", "low"].slice(0, classes.below(3)).map((name) => ({ name, weight: classes.between(1, 9) })),
    attempts: random.between(1, 3),
    tellsSettlements: random.below(4) > 0,
    scheduled: random.below(3) === 0 ? { cut: 1 } : {},
  });
  const producer = run.process("producer");
  const workers: NonEmpty<ScriptedProcess> = [run.process("worker"), run.process("worker", { slot: 1 })];
  for (let job = 0; job < jobs; job++) {
    if (random.below(10) === 0) continue;
    producer.send(job, {
      ...(random.below(4) === 0 ? { plannedFailures: random.pick([1, 2, alwaysFails, killsItsWorker]) } : {}),
      ...(random.below(4) === 0 ? { delayMs: 500 } : {}),
      priority: classes.below(3),
    });
    random.pick([
      () => producer.ok(job),
      () => producer.ok(job),
      () => producer.ok(job),
      () => producer.unknown(job),
      () => producer.refused(job),
      () => {},
    ])();
    if (random.below(2) === 0) random.pick(workers).start(job).end(job).accepted(job);
  }
  for (let step = random.below(15); step > 0; step--) {
    run.wait(random.below(3_000));
    randomStep(random, run, random.pick(workers), random.below(jobs));
    if (takeovers.below(5) === 0) randomTakeover(takeovers, run, workers, random.below(jobs));
  }
  if (random.below(3) > 0) run.storeClock(-1_000, run.now() + 1_000);
  if (random.below(4) === 0) run.scanned({ finished: random.below(2) === 0, agrees: random.below(2) === 0 });
  if (random.below(6) === 0) run.drain(random.pick(drainOutcomes));
  if (random.below(10) === 0) random.pick<ScriptedProcess>([producer, ...workers]).gap();
  return run;
}

/** A job goes to another while its owner stands still, and then either has a word to say. */
function randomTakeover(random: Random, run: History, [owner, taker = owner]: NonEmpty<ScriptedProcess>, job: number) {
  owner.start(job);
  const pause = run.fault("pause", { effect: "paused", touches: ["worker:0"] }).armed();
  run.wait(5_000);
  taker.start(job);
  pause.bit().healed();
  owner.end(job);
  if (random.below(2) === 0) owner.accepted(job);
  else taker.end(job).accepted(job);
}

function randomStep(random: Random, run: History, worker: ScriptedProcess, job: number): void {
  const attempt = random.between(1, 3);
  const fault = (effect: Effect, resource: Resource) =>
    run
      .fault("cut", { effect, touches: [resource] })
      .armed()
      .bit();
  random.pick<() => unknown>([
    () => worker.start(job, { attempt }),
    () => worker.start(job, { attempt }).failed(job, { attempt }),
    () =>
      worker
        .start(job, { attempt })
        .failed(job, { attempt })
        .start(job, { attempt: attempt + 1 }),
    () => worker.start(job, { attempt }).end(job, { attempt }).accepted(job, { attempt }),
    () => worker.accepted(job, { as: random.pick(["done", "dead"]) }),
    () => worker.settlementRefused(job),
    () => worker.settlementUnknown(job),
    () => worker.stalled(2_000),
    () => worker.killed(),
    () => random.pick([() => worker.corrupt(job), () => run.corruptInScan(), () => {}])(),
    () => run.place(job, random.pick<PlaceName>(["waiting", "active", "delayed"])),
    () => run.place(job, "dead", { fields: random.below(256) }),
    () => fault("cut-off", "link:worker:0").healed(),
    () => fault("store-away", "store").notHealed("not back"),
    () => fault("paused", "worker:0").healed(),
    () => {
      fault("asked-to-stop", "worker:1");
      worker.closed();
    },
    () => run.depth(random.below(8)),
  ])();
}
