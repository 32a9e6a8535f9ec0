/** The rooms have an order; and each way round, planted in memory, is found with the files that make it. */
import { expect, test } from "vitest";
import { cycles } from "./cycles.ts";
import type { Source } from "./references.ts";
import { isModule, read, trackedPaths } from "./tree.ts";

test("no arrow between rooms comes back", () => {
  expect(cycles(trackedPaths().filter(isModule).map(read))).toEqual([]);
});

const importing = (path: string, target: string): Source => ({ path, text: `import type { A } from "${target}";` });

test("finds two rooms that import each other, once", () => {
  expect(cycles([importing("std/a.ts", "../history/b.ts"), importing("history/c.ts", "../std/d.ts")])).toEqual([
    ["history/c.ts:1 imports std/d.ts", "std/a.ts:1 imports history/b.ts"],
  ]);
});

test("finds a way round over three, and over one of the doors", () => {
  const found = cycles([
    importing("checks/a.ts", "../history/a.ts"),
    importing("history/a.ts", "../std/a.ts"),
    importing("std/a.ts", "../checks/a.ts"),
    importing("index.ts", "./checks/a.ts"),
    importing("checks/b.ts", "../index.ts"),
  ]);
  expect(found.map(({ length }) => length)).toEqual([3, 2]);
});

test("lets pass what a room imports of its own, what has no way back, and what tests reach for", () => {
  expect(
    cycles([
      importing("checks/a.ts", "./b.ts"),
      importing("checks/a.ts", "../history/a.ts"),
      importing("history/a.test.ts", "../checks/a.ts"),
      importing("history/testing/a.ts", "../../checks/a.ts"),
    ]),
  ).toEqual([]);
});
