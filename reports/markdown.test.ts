import { expect, test } from "vitest";
import { sampleResult } from "./testing/sample-result.ts";
import { markdown } from "./markdown.ts";

test("the verdict comes first, evidence of what broke is folded away", () => {
  const text = markdown.render(sampleResult("fail"));
  expect(text.split("\n")[0]).toMatch(/^## ❌ Fail: The engine broke 2 of the 9 promises/);
  expect(text.match(/<details>/g)).toHaveLength(3);
  expect(text.match(/<\/details>/g)).toHaveLength(3);
});

test("latencies stand by priority where jobs have any", () => {
  const result = sampleResult("pass");
  const wait = result.measures["wait-latency"];
  if (wait?.measured.kind !== "distribution") throw new Error("the sample has no wait");
  const { summary, curve } = wait.measured;
  const parts = { "priority high": { summary, curve }, "before faults": { summary, curve } };
  const measures = { "wait-latency": { ...wait, measured: { ...wait.measured, parts } } };
  const rows = markdown.render({ ...result, measures }).match(/^\| Wait.*$/gm);
  expect(rows?.map((row) => row.split(" | ")[0])).toEqual(["| Wait latency", "| Wait latency, high"]);
});

test("every row of a table has the cells of its header", () => {
  const result = sampleResult("fail");
  const text = markdown.render({ ...result, reasons: ["a | b"], sentence: "one\ntwo" });
  for (const block of text.split("\n\n").filter((part) => part.startsWith("| "))) {
    const widths = block.split("\n").map((row) => row.replaceAll(String.raw`\|`, "").split("|").length);
    expect(new Set(widths).size).toBe(1);
  }
});

test("a command with backticks stays one block", () => {
  const result = sampleResult("pass");
  const text = markdown.render({ ...result, run: { ...result.run, repeat: "whitewater run ```x" } });
  expect(text).toContain("````sh\nwhitewater run ```x\n````");
});
