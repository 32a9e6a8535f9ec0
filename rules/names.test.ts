/** No exported type means something else in another room; and a planted one that does is found. */
import { expect, test } from "vitest";
import { complaints } from "./names.ts";
import { isModule, read, trackedPaths } from "./tree.ts";

test("no exported name of a type means two things", () => {
  expect(complaints(trackedPaths().filter(isModule).map(read))).toEqual([]);
});

const told = (files: Readonly<Record<string, string>>): string[] =>
  complaints(Object.entries(files).map(([path, text]) => ({ path, text })));

const one = "export interface Place { readonly at: string }";
const other = "\nexport type Place = string;";

test.each([
  ["two rooms", "harness/a.ts", "systems/b.ts"],
  ["a room and a door", "harness/a.ts", "run.ts"],
  ["a room and the engine", "harness/a.ts", "engine/b.ts"],
])("finds a name that %s define differently", (_, here, there) => {
  expect(told({ [here]: one, [there]: other })).toEqual([
    expect.stringMatching(new RegExp(`^${there}:2 Place is something else than in ${here}:1`)),
  ]);
});

test("lets pass what is the same, or of one room, or seen by nobody else", () => {
  expect(told({ "harness/a.ts": one, "systems/b.ts": one.replace("{", "{\n  /** Where. */") })).toEqual([]);
  expect(told({ "harness/a.ts": one, "harness/b/c.ts": other })).toEqual([]);
  expect(told({ "harness/a.ts": one, "systems/b.ts": other.replace("export ", "") })).toEqual([]);
  for (const apart of ["test/a.ts", "systems/testing/a.ts", "rules/a.ts"])
    expect(told({ "harness/a.ts": one, [apart]: other })).toEqual([]);
});

test("lets pass what the engine gives to users of its own", () => {
  const door = `export type { Place } from "./b.ts";`;
  expect(told({ "harness/a.ts": one, "engine/b.ts": other, "engine/index.ts": door })).toEqual([]);
});
