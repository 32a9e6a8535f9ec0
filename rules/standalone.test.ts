/** The engine can be copied out of this repository and tested there; and a planted file that prevents it is found. */
import { expect, test } from "vitest";
import { z } from "zod";
import { complaints } from "./standalone.ts";
import { isModule, read, trackedPaths } from "./tree.ts";

const names = z.record(z.string(), z.string()).default({});
const schema = z.object({ dependencies: names, devDependencies: names, optionalDependencies: names });
const manifest = (path: string) => schema.parse(JSON.parse(read(path).text));
const { dependencies, devDependencies, optionalDependencies } = manifest("engine/package.json");
const declared = {
  shipped: Object.keys({ ...dependencies, ...optionalDependencies }),
  forTests: Object.keys(devDependencies),
};

test("nothing in the engine, tests and all, reaches for what is not in it", () => {
  expect(complaints(trackedPaths().filter(isModule).map(read), "engine", declared)).toEqual([]);
});

test("it is tested with what it is tested with here", () => {
  expect(manifest("package.json").devDependencies).toMatchObject(devDependencies);
});

const told = (path: string, text: string): string[] =>
  complaints([{ path, text }], "engine", { shipped: ["ioredis"], forTests: ["vitest", "@x/y"] });

test.each([
  ["a file beside it", "engine/x.test.ts", `import { a } from "../test/a.ts";`, "test/a.ts"],
  ["a type of one", "engine/testing/x.ts", `import type { A } from "../../std/a.ts";`, "std/a.ts"],
  ["a process", "engine/x.test.ts", `new URL("../test/a-process.ts", import.meta.url);`, "test/a-process.ts"],
  ["our own package", "engine/x.test.ts", `import "whitewater";`, "index.ts"],
  ["a package that it does not name", "engine/x.test.ts", `import "bullmq/deep";`, "uses bullmq:"],
  ["one that only tests have", "engine/x.ts", `import "@x/y/z";`, "uses @x/y, which only tests have"],
])("finds %s", (_what, path, text, expected) => {
  expect(told(path, `\n${text}`)).toEqual([expect.stringMatching(`^${path}:2 .*${expected}`)]);
});

test("lets pass what is in it or named, and what is not of it", () => {
  for (const text of ['import "./a.ts";', 'import "ioredis";', 'import "@x/y/z";', 'import "node:fs";'])
    expect(told("engine/testing/x.ts", text)).toEqual([]);
  expect(told("checks/x.ts", 'import "zod";')).toEqual([]);
});
