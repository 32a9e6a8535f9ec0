import { expect, test } from "vitest";
import { z } from "zod";
import type { Check, Verdict } from "../checks/contract.ts";
import type { Guarantee } from "../reports/contract.ts";
import { history } from "../history/testing/history.ts";
import { boundsOf } from "../history/bounds.ts";
import { UserError } from "../std/user-error.ts";
import { claimsInForce, judge, overall } from "./verdict.ts";

const pass: Verdict = { verdict: "pass", judged: 5, exposed: 3, counts: {} };
const fail: Verdict = {
  verdict: "fail",
  judged: 5,
  exposed: 3,
  counts: {},
  violations: 1,
  examples: [{ job: 1, what: "Job 1 is gone.", life: [] }],
};
const unknown: Verdict = { verdict: "unknown", reason: "a file is missing" };

const check = (verdict: Verdict | (() => never), more: Partial<Check> = {}): Check => ({
  about: "a check for this test",
  needs: [],
  options: z.strictObject({}),
  neutral: {},
  check: () => (typeof verdict === "function" ? verdict() : verdict),
  ...more,
});

const ledger = history({ jobs: 1, exercises: ["a"], scheduled: { cut: 1 } }).ledger();
const judged = (verdicts: Readonly<Record<string, Verdict>>, claimed = Object.keys(verdicts)) =>
  overall(
    judge(
      ledger,
      Object.fromEntries(Object.entries(verdicts).map(([name, verdict]) => [name, check(verdict)])),
      Object.fromEntries(claimed.map((name) => [name, {}])),
    ),
  );

test("all kept is a pass, and says how many", () => {
  expect(judged({ a: pass, b: pass })).toMatchObject({ verdict: "pass", reasons: [] });
  expect(judged({ a: pass, b: pass }).sentence).toContain("all 2 promises");
});

test("fail dominates unknown, and unknown is never green", () => {
  expect(judged({ a: unknown, b: fail, c: pass })).toMatchObject({
    verdict: "fail",
    reasons: ["b: Job 1 is gone.", "a: a file is missing"],
  });
  expect(judged({ a: unknown, b: pass })).toMatchObject({ verdict: "unknown", reasons: ["a: a file is missing"] });
});

test("what was wrong with the run itself leads the reasons: it is why the rest is not known", () => {
  const valid = check({ verdict: "unknown", reason: "the store ended" }, { always: true });
  const reasonsWith = (verdict: Verdict) =>
    overall(judge(ledger, { a: check(unknown), b: check(verdict), valid }, { a: {}, b: {} })).reasons;
  expect(reasonsWith(pass)).toEqual(["valid: the store ended", "a: a file is missing"]);
  expect(reasonsWith(fail)).toEqual(["b: Job 1 is gone.", "valid: the store ended", "a: a file is missing"]);
});

test("a check that throws, or gives what is no verdict, has judged nothing", () => {
  const throwing = check(() => expect.fail("broken"));
  const mute: Check = { ...check(pass), check: () => JSON.parse("{}") };
  const odd = judge(ledger, { throwing, mute }, { throwing: {}, mute: {} });
  expect(odd).toMatchObject([
    { verdict: "unknown", reason: "the check itself failed: broken" },
    { verdict: "unknown", reason: "the check itself failed: what it gave is no verdict" },
  ]);
});

test("what is not claimed is judged and shown, and never changes the verdict", () => {
  expect(judged({ a: pass, b: fail, c: unknown }, ["a"])).toMatchObject({ verdict: "pass" });
});

test("a guarantee that the scenario means to threaten, and that exposed no job, makes the run unknown", () => {
  const nothing: Verdict = { verdict: "pass", judged: 5, exposed: 0, counts: {} };
  expect(judged({ a: nothing })).toMatchObject({ verdict: "unknown" });
  expect(judged({ b: nothing, c: pass })).toMatchObject({ verdict: "pass" });
  expect(judged({ b: nothing, c: pass }).sentence).toContain("the one promise");
});

test("a run that put no promise to the test proves nothing", () => {
  const reasons = ["none of the promises that the system makes was put to the test"];
  expect(judged({ b: { verdict: "pass", judged: 5, exposed: 0, counts: {} } })).toMatchObject({
    verdict: "unknown",
    reasons,
  });
  const valid = judge(ledger, { valid: check(pass, { always: true }) }, {});
  expect(overall(valid)).toMatchObject({ verdict: "unknown", reasons });
});

const only = (found: readonly Guarantee[]): Guarantee | undefined => found[0];

test("a check that throws has judged nothing", () => {
  const crashed = check(() => {
    throw new Error("division by a job");
  });
  expect(only(judge(ledger, { a: crashed }, { a: {} }))).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining("division by a job"),
  });
});

test("what the system cannot show is neither red nor green", () => {
  const silent = history({ jobs: 1, tellsSettlements: false }).ledger();
  const found = judge(silent, { a: check(fail, { needs: ["settlements"] }) }, { a: {} });
  expect(only(found)).toMatchObject({ verdict: "not-observable" });
  expect(overall(found).verdict).not.toBe("fail");
});

test("the validity of the run counts whatever is claimed", () => {
  const checks = { valid: check(unknown, { always: true }), a: check(pass) };
  expect(overall(judge(ledger, checks, { a: {} }))).toMatchObject({ verdict: "unknown" });
});

test("claims are held against the checks before anything starts", () => {
  expect(() => held({ claims: () => ({ b: {} }) })).toThrow(UserError);
  expect(() => held({ claims: () => ({ a: { bound: 1 } }) })).toThrow(/terms that the check does not take/);
});

const bounds = boundsOf({ recoveryMs: 7000, retryMs: 0 });
const late = check(pass, {
  options: z.strictObject({ boundMs: z.number() }),
  universal: ({ recoveryMs }) => ({ boundMs: recoveryMs }),
});
const held = (system: Parameters<typeof claimsInForce>[0]): unknown =>
  claimsInForce(system, {}, bounds, { checks: { a: check(pass), late }, name: "mine" });

test("what holds for any queue is in force without a word, by the system's own bounds or its own terms", () => {
  expect(held({ claims: () => ({ a: {} }) })).toEqual({ late: { boundMs: 7000 }, a: {} });
  expect(held({ claims: () => ({ late: { boundMs: 1 } }) })).toEqual({ late: { boundMs: 1 } });
});

test("a waiver names what is in force, and why", () => {
  expect(held({ claims: () => ({}), waives: { late: "it polls once a day" } })).toEqual({});
  expect(() => held({ claims: () => ({}), waives: { a: "no" } })).toThrow(/can be waived: late/);
  expect(() => held({ claims: () => ({}), waives: { late: " " } })).toThrow(/without a reason/);
  expect(() => held({ claims: () => ({ late: { boundMs: 1 } }), waives: { late: "no" } })).toThrow(/both claims and/);
  expect(judge(ledger, { late }, {}, { late: "it polls" })).toMatchObject([{ claimed: false, waived: "it polls" }]);
});

test("what a run does not show is not observable, and seen as soon as it does", () => {
  const needing = { depth: check(pass, { needs: ["depth"] }) };
  expect(judge(ledger, needing, { depth: {} })).toMatchObject([
    { verdict: "not-observable", reason: "the system does not tell depth" },
  ]);
  const asked = history({ jobs: 1 }).depth(0).ledger();
  expect(judge(asked, needing, { depth: {} })).toMatchObject([{ verdict: "pass" }]);
});
