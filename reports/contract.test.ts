/** What every reporter owes, whatever it is told: the same text each time, and text of others never obeyed. */
import { describe, expect, test } from "vitest";
import type { Json } from "../std/json.ts";
import { sampleNames, sampleResult } from "./testing/sample-result.ts";
import type { Guarantee, Reporter, Result } from "./contract.ts";
import { reports } from "./index.ts";
import { summary } from "./terminal.ts";

const hostile = `<script>alert(1)</script> & "quoted" 'single' | pipe ]]> \`tick\` \u0000\u001b[31m \ud800 –`;

/** Every text that a system, a user or a machine could have put there. */
function hostileResult(): Result {
  const result = sampleResult("fail");
  const guarantees = result.guarantees.map((guarantee): Guarantee => {
    const told = { ...guarantee, name: `${guarantee.name}${hostile}`, about: hostile, terms: { [hostile]: hostile } };
    if (told.verdict === "not-observable") return { ...told, reason: hostile };
    return told.verdict === "fail"
      ? { ...told, examples: told.examples.map((example) => ({ ...example, what: hostile })) }
      : told;
  });
  const settings: Json = { [hostile]: [hostile, { [hostile]: null }] };
  return {
    ...result,
    guarantees,
    sentence: hostile,
    reasons: [hostile],
    run: {
      ...result.run,
      seed: hostile,
      repeat: hostile,
      scenario: { name: hostile, about: hostile },
      system: { ...result.run.system, name: hostile, settings },
    },
    environment: { ...result.environment, versions: { [hostile]: hostile } },
    deaths: result.deaths.map((death) => ({ ...death, lastWords: [hostile, hostile] })),
    incidents: result.incidents.map((incident) => ({ ...incident, bit: { proven: false, why: hostile } })),
    measures: Object.fromEntries(
      Object.entries(result.measures).map(([name, one]) => [name, { ...one, about: hostile }]),
    ),
  };
}

function bareResult(): Result {
  const result = sampleResult("unknown");
  return {
    ...result,
    run: { ...result.run, schedule: [] },
    guarantees: [],
    measures: {},
    incidents: [],
    processes: [],
    evidence: {},
    environment: { ...result.environment, paths: {}, providers: {}, versions: {}, commit: null },
  };
}

const results: Readonly<Record<string, Result>> = {
  ...Object.fromEntries(sampleNames.map((name) => [name, sampleResult(name)])),
  hostile: hostileResult(),
  bare: bareResult(),
};

function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}

test("each reporter writes a file of its own", () => {
  const files = reports.map(({ file }) => file);
  expect(new Set(files).size).toBe(files.length);
});

describe.each(reports.map((reporter): [string, Reporter] => [reporter.file, reporter]))("%s", (_file, reporter) => {
  test.each(Object.entries(results))("is the same text each time, of a result left as it was: %s", (_name, result) => {
    const text = reporter.render(frozen(result));
    expect(text).not.toBe("");
    expect(text.endsWith("\n")).toBe(true);
    expect(reporter.render(structuredClone(result))).toBe(text);
  });

  test("does not run what it is told", () => {
    const fences = /^(````*)[^]*?^\1$/gm;
    const text = reporter.render(results["hostile"] ?? bareResult()).replaceAll(fences, "");
    // What neither a browser nor a CI server ever shows as a page has its own rules for text.
    if (!/\.(json|prom)$/.test(reporter.file)) expect(text).not.toContain("<script>alert");
    expect(text).not.toContain("\u0000");
    expect(text).not.toContain("\u001b");
  });

  test("never shows a figure that is none", () => {
    for (const name of [...sampleNames, "bare"]) {
      const text = reporter.render(results[name] ?? bareResult()).replaceAll(/<script>[^]*?<\/script>/g, "");
      expect(text).not.toMatch(/\bNaN\b|\bInfinity\b|\bundefined\b|\[object Object\]/);
    }
  });
});

test("what was not put to the test never reads as held", () => {
  const told = reports.map((report) => report.render(sampleResult("pass"))).join("\n");
  expect(summary(sampleResult("pass"), { colour: false, width: 100 })).toMatch(
    /^· poison-isolated +0 exposed +not tried here$/m,
  );
  expect(told).toMatch(/<code>poison-isolated<\/code> \| ▫️ not tried/);
  expect(told).toMatch(/name="poison-isolated" time="0">\s*<skipped message="not tried/);
});
