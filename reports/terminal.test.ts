import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { sampleNames, sampleResult } from "./testing/sample-result.ts";
import type { Guarantee } from "./contract.ts";
import { summary } from "./terminal.ts";

const plain = { colour: false, width: 100 };

test.each(sampleNames)("the sample %s fits on a screen", (name) => {
  const lines = summary(sampleResult(name), plain).split("\n");
  expect(lines.length).toBeLessThanOrEqual(40);
  expect(lines[0]).toMatch(name.toUpperCase());
  const wide = lines.filter((line) => line.length > plain.width);
  expect(wide.filter((line) => !/^(report|repeat) /.test(line))).toEqual([]);
});

test("colours change nothing but the colour", () => {
  const result = sampleResult("fail");
  const coloured = summary(result, { ...plain, colour: true });
  expect(coloured).not.toBe(summary(result, plain));
  expect(stripVTControlCharacters(coloured)).toBe(summary(result, plain));
});

test("many guarantees, reasons and long words still fit, what broke first", () => {
  const result = sampleResult("fail");
  const many = Array.from({ length: 60 }, (_, i): Guarantee => {
    const { name, about } = { name: `promise-${i}`, about: "" };
    const shared = { name, about, claimed: true, promise: true, exercised: true, terms: {} };
    return i === 59
      ? { ...shared, verdict: "unknown", reason: "x".repeat(500), counts: {} }
      : { ...shared, verdict: "pass", tried: true, judged: 1, exposed: 1, counts: {} };
  });
  const lines = summary(
    { ...result, guarantees: many, sentence: "word ".repeat(300), reasons: Array.from({ length: 20 }, () => "reason") },
    { colour: false, width: 60 },
  ).split("\n");
  expect(lines.length).toBeLessThanOrEqual(40);
  expect(lines.find((line) => line.includes("promise-"))).toMatch(/^\? promise-59/);
});

test("the wait is told by priority where jobs have any, and it all still fits", () => {
  const result = sampleResult("fail");
  const wait = result.measures["wait-latency"];
  if (wait?.measured.kind !== "distribution") throw new Error("the sample has no wait");
  const { summary: all, curve } = wait.measured;
  const parts = Object.fromEntries(["high", "low"].map((name) => [`priority ${name}`, { summary: all, curve }]));
  const measures = { ...result.measures, "wait-latency": { ...wait, measured: { ...wait.measured, parts } } };
  const [guarantee] = result.guarantees;
  const guarantees = Array.from({ length: 60 }, () => guarantee).filter((one) => one !== undefined);
  const reasons = Array.from({ length: 20 }, () => "reason");
  const lines = summary({ ...result, measures, guarantees, reasons, sentence: "word ".repeat(300) }, plain).split("\n");
  expect(lines.length).toBeLessThanOrEqual(40);
  const at = lines.findIndex((line) => line.startsWith("Wait latency"));
  const figures = lines[at]?.slice("Wait latency".length).trim();
  expect(lines.slice(at + 1, at + 3).map((line) => line.trim().split(/ +/)[0])).toEqual(["high", "low"]);
  expect(lines[at + 1]).toMatch(new RegExp(`${figures}$`));
});

test("text of others cannot drive the terminal", () => {
  const text = summary(
    { ...sampleResult("fail"), sentence: "\u001b[2Jgone\r\nnext", reasons: ["\u001b]0;title\u0007"] },
    plain,
  );
  expect(text).toBe(stripVTControlCharacters(text));
  expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
});
