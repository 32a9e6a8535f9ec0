/** What holds for every guarantee, whoever wrote it. */
import { describe, expect, test } from "vitest";
import type { Ledger } from "../history/ledger.ts";
import { seeded } from "../std/random.ts";
import { history } from "../history/testing/history.ts";
import { randomHistory } from "../history/testing/random-history.ts";
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
    "started-on-time",
    "retry-on-time",
    "delayed-on-time",
    "spread",
    "recovery-bound",
    "progress",
    "no-starvation",
    "priority-honoured",
    "enqueue-unhindered",
    "enqueue-recovers",
    "concurrency-limit",
  ].map((name) => `${name}: fail`);
  expect([...seen].sort()).toEqual(possible.filter((verdict) => !beyond.includes(verdict)).sort());
});
