/** Every function of these rooms keeps the rules for functions; and a planted one that does not is found. */
import { expect, test } from "vitest";
import { complaints, rooms } from "./functions.ts";
import { isModule, read, trackedPaths } from "./tree.ts";

test("no function is too long without a reason, and none asks for too much", () => {
  const paths = trackedPaths().filter(
    (path) => isModule(path) && !path.endsWith(".test.ts") && rooms.some((room) => path.startsWith(`${room}/`)),
  );
  expect(paths.length).toBeGreaterThan(30);
  expect(complaints(paths.map(read))).toEqual([]);
});

const lines = (count: number): string => "\n".repeat(count - 1);
const told = (text: string, excused: Readonly<Record<string, string>> = {}): string[] =>
  complaints([{ path: "a.ts", text }], excused);

test.each([
  ["a function", `\nfunction long() {${lines(61)}}`],
  ["an arrow", `\nconst long = () => {${lines(61)}};`],
  ["a method", `const it = {\nlong() {${lines(61)}} };`],
])("finds what is too long: %s, unless it is excused", (_, text) => {
  expect(told(text)).toEqual([expect.stringMatching(/^a\.ts:2 long has 61 lines/)]);
  expect(told(text, { "a.ts long": "a table" })).toEqual([]);
  expect(told(text.replace("\n\n", "\n"))).toEqual([]);
});

test("finds an excuse that is no longer needed", () => {
  expect(told("function short() {}", { "a.ts short": "a table" })).toEqual([expect.stringContaining("take it off")]);
});

test.each([
  ["parameters", "function greedy(a, b, c, d, e, f, g) {}"],
  ["fields that are taken out of one", "const greedy = ({ a, b, c, d, e, f, g }) => {};"],
  ["the same with a default", "const greedy = ({ a, b, c, d, e, f, g } = {}) => {};"],
  ["members of its type", "function greedy(it: { a: 1; b: 1; c: 1; d: 1; e: 1; f: 1; g: 1 }) {}"],
])("finds who is given too much: seven %s", (_, text) => {
  expect(told(text)).toEqual([expect.stringMatching(/^a\.ts:1 greedy is given 7 things/)]);
  expect(told(text.replaceAll(/,? g(?=[,) }])(?:: 1)?/g, "").replace("; g: 1", ""))).toEqual([]);
});
