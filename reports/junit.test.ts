import { expect, test } from "vitest";
import { sampleResult } from "./testing/sample-result.ts";
import type { Result } from "./contract.ts";
import { junit } from "./junit.ts";

/** Names of the elements in order, each checked to be closed where it should be. */
function elements(xml: string): readonly string[] {
  const open: string[] = [];
  const all: string[] = [];
  for (const [, closing, name = "", , empty] of xml.matchAll(/<(\/?)([a-z-]+)((?:\s+[\w.-]+="[^"<]*")*)\s*(\/?)>/g)) {
    if (closing === "/") expect(open.pop()).toBe(name);
    else {
      all.push(name);
      if (empty !== "/") open.push(name);
    }
  }
  expect(open).toEqual([]);
  expect(xml.replaceAll(/<[^<>]*>/g, "")).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot|#39);)/);
  return all;
}

const outcomes = (result: Result): Readonly<Record<string, number>> => {
  const names = elements(junit.render(result));
  return Object.fromEntries(
    ["testcase", "failure", "error", "skipped"].map((name) => [name, names.filter((one) => one === name).length]),
  );
};

test("a known failure is told, and fails no build", () => {
  const result = sampleResult("fail");
  const broken = result.guarantees.filter(({ claimed, verdict }) => claimed && verdict === "fail");
  const known = broken.map(({ name }) => ({ guarantee: name, reason: "mended next month", until: "2030-12-31" }));
  const excused = junit.render({ ...result, known });
  expect(excused).toContain('failures="0" errors="0"');
  expect(excused).toContain('<skipped message="broken, and known until 2030-12-31: mended next month');
  expect(junit.render({ ...result, known: [] })).not.toContain('failures="0"');
});

test("a claimed guarantee that broke is a failure, what was not claimed or seen is skipped", () => {
  expect(outcomes(sampleResult("pass"))).toEqual({ testcase: 12, failure: 0, error: 0, skipped: 2 });
  // Two broken promises and the run as a whole; the broken guarantee that nobody claimed is skipped.
  expect(outcomes(sampleResult("fail"))).toEqual({ testcase: 13, failure: 3, error: 0, skipped: 3 });
  expect(outcomes(sampleResult("unknown"))).toEqual({ testcase: 12, failure: 0, error: 2, skipped: 2 });
});

test("a promise that the scenario meant to threaten, with no job exposed, is an error", () => {
  const result = sampleResult("pass");
  const guarantees = result.guarantees.map((one) =>
    one.verdict === "pass" ? { ...one, tried: false, exposed: 0 } : one,
  );
  expect(outcomes({ ...result, guarantees })).toMatchObject({ error: 9 });
});

test("the totals are those of the cases", () => {
  expect(junit.render(sampleResult("fail"))).toContain('tests="13" failures="3" errors="0" skipped="3"');
});

test("a failure tells the lives of its examples, and the faults in force", () => {
  const xml = junit.render(sampleResult("fail"));
  expect(xml).toContain("worker 2, process 4: attempt 1 starts");
  expect(xml).toContain("job 31118: started a second time");
});
