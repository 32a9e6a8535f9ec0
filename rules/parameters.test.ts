/** No function of the engine, the fleet and the harness asks for too much; and a planted one that does is found. */
import { expect, test } from "vitest";
import { complaints, rooms } from "./parameters.ts";
import { isModule, read, trackedPaths } from "./tree.ts";

test("no function asks for too much", () => {
  const paths = trackedPaths().filter(isModule);
  expect(paths.filter((path) => rooms.test(path)).length).toBeGreaterThan(150);
  expect(complaints(paths.map(read))).toEqual([]);
});

const told = (text: string, ...others: { readonly path: string; readonly text: string }[]): string[] =>
  complaints([{ path: "harness/a.ts", text }, ...others]);
const seven = [expect.stringMatching(/^harness\/a\.ts:\d+ greedy is given 7 things/)];

test.each([
  ["parameters", "function greedy(a, b, c, d, e, f, g) {}"],
  ["fields that are taken out of one", "const greedy = ({ a, b, c, d, e, f, g }) => {};"],
  ["the same with a default", "const greedy = ({ a, b, c, d, e, f, g } = {}) => {};"],
  ["members of its type", "function greedy(it: { a: 1; b: 1; c: 1; d: 1; e: 1; f: 1; g: 1 }) {}"],
])("finds who is given too much: seven %s", (_, text) => {
  expect(told(text)).toEqual(seven);
  expect(told(text.replaceAll(/,? g(?=[,) }])(?:: 1)?/g, "").replace("; g: 1", ""))).toEqual([]);
});

const five = "a: 1; b: 1; c: 1; d: 1; e: 1;";
const journal = "interface Journal { write(): void }";

test.each([
  ["an interface with functions", `interface Parts { ${five} f: () => void; g: () => void }`, "Parts"],
  ["one with objects that have methods", `${journal} interface Parts { ${five} f: Journal; g: Journal }`, "Parts"],
  [
    "one of which some are optional",
    `interface Parts { ${five} f?: (() => void) | undefined; g: () => void }`,
    "Parts",
  ],
  ["a type", `type Step = () => void; type Parts = { ${five} f: Step; g: Step };`, "Parts"],
  ["two that are joined", `type A = { ${five} }; interface B { f: () => void; g: () => void }`, "A & B"],
  [
    "one that extends another",
    `interface A { ${five} f: () => void } interface Parts extends A { g: () => 1 }`,
    "Parts",
  ],
  [
    "a selection",
    `interface Parts { ${five} f: () => void; g: () => void; h: 1 }`,
    `Readonly<Pick<Parts, "a" | "b" | "c" | "d" | "e" | "f" | "g">>`,
  ],
])("finds seven things in a bag that has a name: %s", (_, types, type) => {
  const text = `${types}\nfunction greedy(it: ${type}) {}`;
  expect(told(text)).toEqual(seven);
  expect(told(text.replace("a: 1;", "").replace(`"a" | `, ""))).toEqual([]);
});

test("finds a bag that another module has", () => {
  const bag = { path: "fleet/b.ts", text: `export interface Bag { ${five} f: () => void; g: () => void }` };
  expect(told(`import type { Bag as Parts } from "../fleet/b.ts";\nfunction greedy(it: Parts) {}`, bag)).toEqual(seven);
});

test("lets pass a record, an object with methods of its own, and options that users write", () => {
  expect(told(`interface Plan { ${five} f: 1; g: 1; h: () => void } function run(plan: Plan) {}`)).toEqual([]);
  const methods = [..."abcdefgh"].map((name) => `${name}(): void;`).join(" ");
  expect(told(`interface Steps { ${methods} } function run(steps: Steps) {}`)).toEqual([]);
  const options = `interface WorkOptions { ${five} f: () => void; g: () => void } function greedy(it: WorkOptions) {}`;
  const door = { path: "engine/index.ts", text: `export type { WorkOptions } from "./worker/options.ts";` };
  expect(told(options)).toEqual(seven);
  expect(told(options, door)).toEqual([]);
});

test("is about no other rooms, nor about what serves tests", () => {
  for (const path of ["cli/a.ts", "harness/testing/a.ts", "harness/a.test.ts"])
    expect(complaints([{ path, text: "function greedy(a, b, c, d, e, f, g) {}" }])).toEqual([]);
});
