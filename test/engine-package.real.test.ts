/** The packed engine in an empty project: its README's ten lines, its service's module, its command and its types. */
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { outsideWith, type Outside } from "./package.ts";
import { startRedis } from "../engine/testing/redis.ts";
import { read } from "../rules/tree.ts";

/** It builds, compiles and runs everything: minutes on a machine that has other things to do. */
const slowest = 600_000;

/** What its service needs, and nothing else of it. */
const optional = ["fastify", "prom-client", "zod"];

let there: Outside;
beforeAll(() => {
  there = outsideWith({ name: "whitewater-engine", directory: "engine" });
}, slowest);
afterAll(() => there[Symbol.dispose]());

const codes = [...read("engine/README.md").text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code ?? "");
const [start = "", jobs = ""] = codes;

test("the ten-line start works a job where only the package is", { timeout: slowest }, async () => {
  await using redis = await startRedis();
  const once = '{ console.log(payload, attempt); process.kill(process.pid, "SIGTERM"); }';
  there.write("start.ts", start.replace("6379", String(redis.port)).replace("console.log(payload, attempt)", once));
  expect(there.node("start.ts")).toEqual({ code: 0, output: "ada@example.org 1\n" });
});

test("its command takes the service's module", { timeout: slowest }, () => {
  there.write("jobs.ts", jobs);
  const engine = join("node_modules", "whitewater-engine", "bin.mjs");
  const { code, output } = there.node(engine, "serve", "jobs.ts", "--port", "high");
  expect(output).toContain("--port must be a whole number");
  expect(code).toBe(3);
});

test("without what only the service needs it works, and its command says what is missing", { timeout: slowest }, () => {
  const away = join(there.path, "away");
  mkdirSync(away);
  const move = (from: string, to: string): void => {
    for (const name of optional) renameSync(join(from, name), join(to, name));
  };
  const modules = join(there.path, "node_modules");
  move(modules, away);
  try {
    const engine = join("node_modules", "whitewater-engine", "bin.mjs");
    expect(there.node(engine, "serve", "jobs.ts")).toEqual({
      code: 3,
      output: `engine: serve and work need what was left out of this install: npm install ${optional.join(" ")}\n`,
    });
    expect(there.node("--input-type=module", "-e", `import "whitewater-engine";`)).toEqual({ code: 0, output: "" });
  } finally {
    move(away, modules);
  }
});

test("it is typed, down to the last example of its README", { timeout: slowest }, () => {
  there.write("package.json", JSON.stringify({ name: "shop", type: "module" }));
  const compilerOptions = {
    target: "es2024",
    lib: ["es2024", "esnext.disposable"],
    module: "nodenext",
    types: ["node"],
    strict: true,
  };
  there.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  there.write("start.ts", start);
  there.write("jobs.ts", jobs);
  expect(there.tsc()).toEqual({ code: 0, output: "" });
});

test("nothing that is only for tests is in it, and all that it reads is", () => {
  const files = z.array(z.string()).parse(JSON.parse(there.node("-e", list).output));
  expect(files.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))).toEqual([]);
  for (const file of ["README.md", "LICENSE", "bin.mjs", "dist/redis/scripts/settle.lua", "deploy/Dockerfile"])
    expect(files).toContain(file);
});

const list = `console.log(JSON.stringify(require("node:fs").readdirSync("node_modules/whitewater-engine", { recursive: true })))`;

const versions = z.record(z.string(), z.string()).default({});
const manifest = z.object({
  version: z.string(),
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
});

test("it takes what it is tested with, and every mend of that", () => {
  const [ours, its] = ["package.json", "engine/package.json"].map((file) =>
    manifest.parse(JSON.parse(read(file).text)),
  );
  expect(its?.version).toBe(ours?.version);
  const lock = z.object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) });
  const { packages } = lock.parse(JSON.parse(read("package-lock.json").text));
  const needed = { ...its?.dependencies, ...its?.optionalDependencies };
  for (const [name, range] of Object.entries(needed))
    expect(range, name).toBe(`^${packages[`node_modules/${name}`]?.version}`);
  expect(Object.keys(its?.optionalDependencies ?? {})).toEqual(optional);
});
