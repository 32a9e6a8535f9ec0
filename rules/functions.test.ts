/** Every function of the repository that is no test fits a screen or says why not; and a planted one is found. */
import { expect, test } from "vitest";
import { complaints } from "./functions.ts";
import { isModule, read, trackedPaths } from "./tree.ts";

test("no function is too long without a reason", () => {
  const paths = trackedPaths().filter((path) => isModule(path) && !path.endsWith(".test.ts"));
  expect(paths.length).toBeGreaterThan(500);
  expect(complaints(paths.map(read))).toEqual([]);
});

const lines = (count: number): string => "\n".repeat(count - 1);
const told = (text: string): string[] => complaints([{ path: "a.ts", text }]);

test.each([
  ["a function", `function long() {${lines(61)}}`],
  ["an arrow", `const long = () => {${lines(61)}};`],
  ["an arrow below its name", `export const long =\n() => {${lines(60)}};`],
  ["a method", `const it = {\nlong() {${lines(61)}} };`],
])("finds what is too long: %s, unless it says why", (_, text) => {
  const reasoned = text.replace(/^.*long/m, "// long: a table\n$&");
  expect(told(text)).toEqual([expect.stringMatching(/^a\.ts:[12] long has 61 lines/)]);
  expect(told(reasoned)).toEqual([]);
  expect(told(reasoned.replace("table", "table\n// of many lines"))).toEqual([]);
  expect(told(text.replace("\n\n", "\n"))).toEqual([]);
});

test("takes no reason that is empty or stands elsewhere", () => {
  const long = `function long() {${lines(61)}}`;
  expect(told(`// long:\n${long}`)).toEqual([expect.stringContaining("long has 61 lines")]);
  expect(told(`// long: a table\n\n${long}`)).toEqual([
    expect.stringContaining("long has 61 lines"),
    expect.stringContaining("there is none below it"),
  ]);
});

test("finds a reason that is no longer needed", () => {
  expect(told("\n// long: a table\nfunction short() {}")).toEqual([expect.stringMatching(/^a\.ts:2 says why/)]);
});
