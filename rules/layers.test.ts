/** The tree keeps the house rule; and each way to break it, planted in memory, is found with its reason. */
import { expect, test } from "vitest";
import { violations } from "./layers.ts";
import { isModule, read, trackedPaths } from "./tree.ts";

const told = (path: string, text: string): string[] =>
  violations([{ path, text }]).map(({ line, reason }) => `${line}: ${reason}`);

test("no module reaches for what its room may not have", () => {
  const found = violations(trackedPaths().filter(isModule).map(read));
  expect(found.map(({ path, line, reason }) => `${path}:${line}: ${reason}`)).toEqual([]);
});

const planted: readonly (readonly [what: string, path: string, text: string, expected: RegExp])[] = [
  ["an import", "checks/x.ts", `\nimport { a } from "../engine/index.ts";`, /^2: .*engine\/index\.ts.*history alone/],
  ["an import for its effect", "engine/x.ts", `import "../std/clock.ts";`, /std\/clock\.ts: engine .*alone/],
  ["a type", "chaos/x.ts", `import type { A } from "../checks/contract.ts";`, /type of checks\/contract\.ts/],
  ["a type within an import", "std/x.ts", `import { type A } from "../history/ledger.ts";`, /type of history\/ledger/],
  ["a type inside a type", "std/x.ts", `type A = import("../history/ledger.ts").Ledger;`, /type of history\/ledger/],
  ["an import at run time", "checks/x.ts", `await import("../systems/stream.ts");`, /systems\/stream\.ts/],
  ["one by a template", "checks/x.ts", "await import(`../systems/stream.ts`);", /systems\/stream\.ts/],
  ["one by a template with a hole", "checks/x.ts", "await import(`../systems/${name}.ts`);", /run time systems/],
  ["one that says nothing", "harness/x.ts", "await import(name);", /known only at run time/],
  ["a re-export", "history/x.ts", `export { a } from "../checks/index.ts";`, /checks\/index\.ts/],
  ["a re-export of all", "history/x.ts", `export * from "../checks/index.ts";`, /checks\/index\.ts/],
  ["require", "engine/x.ts", `const a = require("../std/clock.ts");`, /std\/clock\.ts/],
  ["import with equals", "engine/x.ts", `import a = require("../std/clock.ts");`, /std\/clock\.ts/],
  ["resolve", "engine/x.ts", `import.meta.resolve("../std/clock.ts");`, /std\/clock\.ts/],
  ["a process by its URL", "chaos/x.ts", `new URL("../fleet/worker-process.ts", import.meta.url);`, /start or read/],
  ["a process by its name", "chaos/x.ts", `sibling(import.meta.url, "../harness/guardian");`, /harness\/guardian/],
  ["another room's asset", "checks/x.ts", `new URL("../engine/scripts/ack.lua", import.meta.url);`, /ack\.lua/],
  ["an asset by a template with a hole", "checks/x.ts", "new URL(`../engine/${name}`, import.meta.url);", /engine/],
  ["our own package", "engine/x.ts", `import { builtin } from "whitewater";`, /index\.ts/],
  ["a member by name", "harness/x.ts", `import { drained } from "../checks/drained.ts";`, /no system, fault, check/],
  ["a catalogue", "harness/x.ts", `import { checks } from "../checks/index.ts";`, /checks\/index\.ts/],
  ["a value where a type may be", "scenarios/x.ts", `import { faults } from "../chaos/index.ts";`, /plain data/],
  ["the machinery in a fault", "chaos/faults/x.ts", `import { a } from "../levers/proxy.ts";`, /handed its levers/],
  ["a file in a check", "checks/x.ts", `import { readFileSync } from "node:fs";`, /node:fs: .*no input or output/],
  ["a timer in a report", "reports/x.ts", `import { setTimeout } from "node:timers/promises";`, /node:timers/],
  ["a client in a measure", "measures/x.ts", `import { Redis } from "ioredis";`, /ioredis/],
  ["a function in a scenario", "scenarios/x.ts", `export const x = {\n  jobs: () => 5,\n};`, /^2: .*no function body/],
  ["a method in a scenario", "scenarios/x.ts", `export const x = { jobs() { return 5; } };`, /no function body/],
  ["a value in a contract", "checks/contract.ts", `export const a = 1;`, /types only/],
  ["a helper of tests", "harness/x.ts", `import { a } from "./testing/a.ts";`, /serves tests is no part/],
  ["a helper of tests in another room", "cli/x.ts", `import { a } from "../harness/testing/a.ts";`, /serves tests/],
  ["a sibling in a helper of the engine", "engine/testing/x.ts", `import { a } from "../../std/a.ts";`, /alone/],
  ["more in the door for tests", "testing.ts", `export { run } from "./harness/run.ts";`, /harness\/run.*no more/],
  ["a room that is in no table", "utils/x.ts", ``, /in no room/],
];

test.each(planted)("finds %s", (_what, path, text, expected) => {
  expect(told(path, text)).toEqual([expect.stringMatching(expected)]);
});

test("lets pass what the rooms are for", () => {
  expect(told("checks/x.ts", `import type { Ledger } from "../history/ledger.ts"; import { z } from "zod";`)).toEqual(
    [],
  );
  expect(told("harness/x.ts", `import type { Check } from "../checks/contract.ts";`)).toEqual([]);
  expect(told("harness/x.ts", `sibling(import.meta.url, "./load/worker-process");`)).toEqual([]);
  expect(told("scenarios/schema.ts", "export const isShare = (x: number) => x <= 1;")).toEqual([]);
  expect(told("scenarios/index.ts", `import type { faults } from "../chaos/index.ts";`)).toEqual([]);
  expect(told("engine/x.ts", `new URL("./scripts/ack.lua", import.meta.url);`)).toEqual([]);
  expect(told("engine/x.ts", "new URL(`scripts/${name}.lua`, import.meta.url);")).toEqual([]);
  expect(told("cli/x.ts", `import { run } from "../harness/run.ts";`)).toEqual([]);
  expect(told("harness/testing/x.ts", `import { checks } from "../../checks/index.ts";`)).toEqual([]);
});
