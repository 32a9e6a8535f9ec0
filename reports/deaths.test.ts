import { expect, test } from "vitest";
import { sampleResult } from "./testing/sample-result.ts";
import { deathsCounted, deathsTold } from "./deaths.ts";
import { html } from "./html/index.ts";
import { markdown } from "./markdown.ts";
import { summary } from "./terminal.ts";

const words = "FATAL ERROR: Reached heap limit";
const plain = { colour: false, width: 100 };

test("who ended by itself is told everywhere: who, when, how, and its last words", () => {
  const result = sampleResult("fail");
  for (const text of [summary(result, plain), markdown.render(result), html.render(result)]) {
    expect(text).toContain("1 process ended by itself");
    expect(text).toMatch(/worker 1, process 3/);
    expect(text).toMatch(/59\.30?/);
    expect(text).toContain("SIGABRT");
    expect(text).toContain(words);
  }
});

test("a fleet that falls over again and again is counted, and its first deaths are told", () => {
  const result = sampleResult("fail");
  const [one] = result.deaths;
  if (one === undefined) throw new Error("the sample has no death");
  const deaths = Array.from({ length: 500 }, (_, n) => ({ ...one, by: n < 499 ? one.by : ("outside" as const) }));
  expect(deathsCounted(deaths)).toBe("499 processes ended by themselves, 1 process was ended by others");
  const many = { ...result, deaths };
  expect(summary(many, plain).split("\n").length).toBeLessThanOrEqual(40);
  for (const text of [markdown.render(many), html.render(many)]) expect(text.split(words).length - 1).toBe(deathsTold);
});

test("nothing is said where nobody died", () => {
  const result = sampleResult("pass");
  for (const text of [summary(result, plain), markdown.render(result), html.render(result)])
    expect(text).not.toMatch(/ended by (itself|themselves|others)/);
});
