/**
 * The packed package in a repository of a stranger's own, which adds a member to each catalogue, fully typed, and runs
 * them.
 */
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { resultSchema } from "../reports/result-schema.ts";
import { outside, type Outside } from "./package.ts";
import { read, root } from "../rules/tree.ts";
import { aliveOf, readResult } from "../cli/testing/whitewater.ts";

/** It builds, compiles and runs everything: minutes on a machine that has other things to do. */
const slowest = 600_000;

/** What docs/testing.md shows, each block under its name. */
const samples = [...read("docs/testing.md").text.matchAll(/^```ts (\S+)\n(.*?)^```$/gms)].map(
  ([, name = "", text = ""]) => [name, text] as const,
);

let there: Outside;
beforeAll(() => {
  there = outside();
  for (const [name, text] of samples) there.write(name, text);
}, slowest);
afterAll(() => there[Symbol.dispose]());

const latest = (): string => realpathSync(join(there.path, "runs", "latest"));

/** Once more where nobody can know: a machine that is held up elsewhere does not offer the load in time. */
const run = (args: readonly string[], expected = 0) => {
  let { code, output } = there.whitewater("run", ...args);
  for (let again = 0; again < 2 && code === 2; again++) ({ code, output } = there.whitewater("run", ...args));
  expect(code, output).toBe(expected);
  return resultSchema.parse(readResult(latest()));
};

const versionOf = (manifest: string): string =>
  z.object({ version: z.string() }).parse(JSON.parse(read(manifest).text)).version;

const strict = {
  target: "es2024",
  lib: ["es2024", "esnext.disposable"],
  module: "nodenext",
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  skipLibCheck: false,
};

/**
 * Each line that a compiler has to refuse stands below the sentence that says why; one that it lets pass is an error.
 */
const mistakes = `
import { builtin, type Check, type Fault, type Planned } from "whitewater";
import { run } from "whitewater/run";
import type config from "./whitewater.config.ts";
import { prompt } from "./prompt.ts";
import { writePause } from "./write-pause.ts";

const { about, store, load } = builtin.scenarios["day"]!;
builtin.extend({
  checks: { prompt },
  faults: { "write-pause": writePause },
  scenarios: {
    good: { about, store, load, exercises: ["prompt", "drained"], trouble: [
      { fault: "write-pause", options: { lastsMs: [500, 600] }, times: 1, between: [0, 1] },
      { fault: "worker-kill", options: {}, times: 1, between: [0, 1] },
    ] },
    misspelt: { about, store, load, exercises: [], trouble: [
      // @ts-expect-error -- no fault has this name
      { fault: "worker-kil", options: {}, times: 1, between: [0, 1] },
    ] },
    foreign: { about, store, load, exercises: [], trouble: [
      // @ts-expect-error -- another fault's options
      { fault: "worker-kill", options: { lastsMs: [500, 600] }, times: 1, between: [0, 1] },
    ] },
    wrong: { about, store, load, exercises: [], trouble: [
      // @ts-expect-error -- not what its own fault takes
      { fault: "write-pause", options: { lastsMs: "long" }, times: 1, between: [0, 1] },
    ] },
    // @ts-expect-error -- no guarantee has this name
    unknown: { about, store, load, exercises: ["promt"], trouble: [] },
  },
});

export const ours = () => run<typeof config>({ scenario: "friday", system: "orders" });
export const theirs = () => run({ scenario: "smoke", system: "stream" });
// @ts-expect-error -- no scenario of that configuration has this name
export const lost = () => run<typeof config>({ scenario: "fridai" });

export const greedy: Fault<{}, Planned, "store"> = {
  ...writePause,
  // @ts-expect-error -- a lever that it does not say it needs
  heal: async (_plan, { process }) => ({ proven: false, why: String(process) }),
};

export const mute: Check<{}> = {
  ...prompt,
  // @ts-expect-error -- a failure without an example
  check: () => ({ verdict: "fail", exposed: 1, counts: {}, violations: 1, examples: [] }),
};

export const silent: Check<{}> = {
  ...prompt,
  // @ts-expect-error -- an unknown without a reason
  check: () => ({ verdict: "unknown" }),
};
`;

test("is typed to the last option, and refuses what does not fit", { timeout: slowest }, () => {
  there.write("package.json", JSON.stringify({ name: "shop", type: "module" }));
  there.write("tsconfig.json", JSON.stringify({ compilerOptions: strict, include: ["*.ts"] }));
  there.write("mistakes.ts", mistakes);
  expect(there.tsc()).toEqual({ code: 0, output: "" });
});

test("what a stranger adds is tested as docs/testing.md says, by Node's own test runner", { timeout: slowest }, () => {
  expect(samples.map(([name]) => name)).toEqual(["prompt.test.ts", "orders.test.ts", "write-pause.test.ts"]);
  const { code, output } = there.node("--test", "--test-reporter=tap", ...samples.map(([name]) => name));
  expect(code, output).toBe(0);
  const [tests, passed, skipped] = ["tests", "pass", "skipped"].map((word) =>
    Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(output)?.[1]),
  );
  // The example has neither delays nor priorities.
  expect([tests, passed, skipped], output).toEqual([10, 8, 2]);
  expect(output).toContain("# SKIP this system has no delays");
});

test("a contract that an adapter does not keep is told in words", { timeout: slowest }, () => {
  const hidden = "for (const payload of await queue.pending()) yield";
  const orders = there.read("orders.ts");
  expect(orders).toContain(hidden);
  there.write(
    "forgetful/orders.ts",
    orders.replace(hidden, "for (const payload of [] as string[]) yield").replace("./queue", "../queue"),
  );
  there.write("forgetful/orders.test.ts", there.read("orders.test.ts"));
  const { code, output } = there.node("--test", "--test-reporter=tap", "forgetful/orders.test.ts");
  expect(code).toBe(1);
  expect(output).toMatch(/what scan\(\) shows before anybody works: expected 100, found 0; 100 missing, such as/);
});

test("a run is a function, too, and takes what the directory has", { timeout: slowest }, () => {
  there.write(
    "call.mjs",
    `import { run } from "whitewater/run";
    const { verdict, run: { scenario, system } } = await run({ scenario: "smoke", system: "orders", jobs: 100, seconds: 2 });
    console.log(verdict, scenario.name, system.name);
    await run({ scenario: "nothing" }).catch(({ message }) => console.log(message));`,
  );
  const { code, output } = there.node("call.mjs");
  expect(output).toMatch(/^(pass|unknown) smoke orders\nno scenario is called "nothing"; there are: friday, /);
  expect(code, output).toBe(0);
});

test("lists the stranger's members beside the built-in ones", { timeout: slowest }, () => {
  const { code, output } = there.whitewater("list");
  expect(code, output).toBe(0);
  for (const name of ["friday", "day", "orders", "stream", "write-pause", "worker-kill", "prompt", "drained"])
    expect(output).toMatch(new RegExp(`^  ${name} `, "m"));
  for (const [own, builtIn] of [
    ["friday", "day"],
    ["orders", "stream"],
    ["write-pause", "worker-kill"],
    ["prompt", "drained"],
  ])
    expect(output.indexOf(`\n  ${own} `), own).toBeLessThan(output.indexOf(`\n  ${builtIn} `));
  expect(output).toContain("whitewater list --mutants");
  expect(output).not.toContain("no-fencing");
  expect(there.whitewater("list", "--mutants").output).toMatch(/^  no-fencing /m);
  const { output: help } = there.whitewater("run", "--help");
  expect(help).toMatch(/^Scenarios: friday, .*day.*\nSystems: {3}orders, stream, .* and \d+ mutants/m);
  const version = `whitewater ${versionOf("package.json")}, Node ${process.versions.node}\n`;
  expect(there.whitewater("--version")).toEqual({ code: 0, output: version });
});

test(
  "runs them: the own fault is proven, the own check judges, and all versions are told",
  { timeout: slowest },
  () => {
    const result = run(["friday", "--system", "orders", "--seed", "packed"]);
    const told = result.incidents.map(({ fault, bit, healed }) => `${fault} ${bit?.proven} ${healed?.proven}`);
    expect(told.toSorted()).toEqual(["worker-kill true true", "worker-kill true true", "write-pause true true"]);
    expect(result.incidents.find(({ fault }) => fault === "write-pause")).toMatchObject({
      bit: { facts: { waited: expect.stringContaining("timed out") } },
      healed: { facts: { wrote: "OK" } },
    });
    expect(result.guarantees.find(({ name }) => name === "prompt")).toMatchObject({
      verdict: "pass",
      claimed: true,
      exercised: true,
      terms: { withinMs: 60_000 },
      counts: { withinMs: 60_000 },
    });
    expect(result.environment.versions).toMatchObject({
      whitewater: versionOf("package.json"),
      node: process.versions.node,
      ioredis: versionOf("node_modules/ioredis/package.json"),
      redis: expect.stringMatching(/^\d+\.\d+/),
    });
    expect(aliveOf(latest())).toEqual([]);

    const again = there.whitewater("recheck", "runs/latest");
    expect(again.code, again.output).toBe(0);
  },
);

test("tests the client library that the stranger has", { timeout: slowest }, () => {
  const theirs = `module.exports = require(${JSON.stringify(join(root, "node_modules", "bullmq"))});`;
  there.install("bullmq", "6.7.0-theirs", theirs);
  const load = ["--jobs", "400", "--seconds", "4"];
  const result = run(["friday", "--system", "bullmq", "--profile", "tuned", "--seed", "theirs", ...load]);
  expect(result.environment.versions).toMatchObject({ bullmq: "6.7.0-theirs" });
});

test("fails a queue that promises more than it keeps, by that promise alone", { timeout: slowest }, () => {
  const claim = `prompt: { withinMs: 60_000 }`;
  const kept = there.read("orders.ts");
  expect(kept).toContain(claim);
  there.write("orders.ts", kept.replace(claim, `${claim}, "recovery-bound": { boundMs: 100 }`));
  const result = run(["friday", "--system", "orders", "--seed", "greedy"], 1);
  // What it does not promise cannot fail it.
  const broken = result.guarantees.filter(({ claimed, verdict }) => claimed && verdict === "fail");
  expect(broken.map(({ name }) => name)).toEqual(["recovery-bound"]);
  expect(there.read("runs/latest/junit.xml")).toMatch(/name="recovery-bound"[^>]*>\s*<failure/);
});
