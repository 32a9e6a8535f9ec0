import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Guarantee } from "../reports/contract.ts";
import { excuse, readKnownFailures, type KnownFailure } from "./known-failures.ts";

const guarantee = (name: string, verdict: "pass" | "fail" | "unknown", exposed = 5): Guarantee => {
  const head = { name, about: "", claimed: true, promise: true, exercised: true, terms: {}, counts: {} };
  if (verdict === "fail") return { ...head, verdict, judged: 5, exposed, violations: 1, examples: [] };
  return verdict === "pass"
    ? { ...head, verdict, tried: exposed > 0, judged: 5, exposed }
    : { ...head, verdict, reason: "because" };
};

const judged = (...guarantees: readonly Guarantee[]): Parameters<typeof excuse>[0] => ({
  verdict: guarantees.some(({ verdict }) => verdict === "fail")
    ? "fail"
    : guarantees.some(({ verdict }) => verdict === "unknown")
      ? "unknown"
      : "pass",
  guarantees,
  run: { scenario: { name: "outage" }, system: { name: "bullmq" } },
});

const drained: KnownFailure = {
  scenario: "outage",
  system: "bullmq",
  guarantee: "drained",
  reason: "workers of 6.3.2 stay stuck; the update is planned",
  until: "2030-06-30",
};

test("a build passes in spite of what is known, to the last day and not a day longer", () => {
  const run = judged(guarantee("drained", "fail"), guarantee("no-acked-loss", "pass"));
  expect(excuse(run, [drained], "2030-06-30")).toMatchObject({ verdict: "pass", known: [drained], expired: [] });
  expect(excuse(run, [drained], "2030-07-01")).toMatchObject({ verdict: "fail", known: [], expired: [drained] });
});

test("whatever else is broken fails it", () => {
  const run = judged(guarantee("drained", "fail"), guarantee("no-acked-loss", "fail"));
  expect(excuse(run, [drained], "2030-01-01").verdict).toBe("fail");
});

test("what is known elsewhere excuses nothing here", () => {
  const run = judged(guarantee("drained", "fail"));
  for (const other of [{ scenario: "day" }, { system: "stream" }, { guarantee: "no-phantom" }])
    expect(excuse(run, [{ ...drained, ...other }], "2030-01-01").verdict).toBe("fail");
});

test("a known failure does not make an unproven run a pass", () => {
  for (const unproven of [guarantee("no-acked-loss", "unknown"), guarantee("no-acked-loss", "pass", 0)])
    expect(excuse(judged(guarantee("drained", "fail"), unproven), [drained], "2030-01-01").verdict).toBe("unknown");
});

test("what no longer fails is told, unless the run proves nothing", () => {
  expect(excuse(judged(guarantee("drained", "pass")), [drained], "2030-01-01")).toMatchObject({
    verdict: "pass",
    idle: [drained],
  });
  expect(excuse(judged(guarantee("drained", "unknown")), [drained], "2030-01-01")).toMatchObject({
    verdict: "unknown",
    idle: [],
  });
});

test("a file that is none is told what it should be", () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "known-"));
  const file = join(directory.path, "known.json");
  expect(() => readKnownFailures(file)).toThrow(/there is no file of known failures at .*known\.json/);
  writeFileSync(file, "{");
  expect(() => readKnownFailures(file)).toThrow("is not JSON");
  writeFileSync(file, JSON.stringify([{ ...drained, until: "soon" }]));
  expect(() => readKnownFailures(file)).toThrow(/until/);
  writeFileSync(file, JSON.stringify([{ ...drained, reason: "" }]));
  expect(() => readKnownFailures(file)).toThrow("say in a sentence why");
  writeFileSync(file, JSON.stringify([drained]));
  expect(readKnownFailures(file)).toEqual([drained]);
});
