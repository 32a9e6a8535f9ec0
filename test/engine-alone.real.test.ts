/**
 * The engine's own tests from a copy of `engine/` alone, where no package is to be had that it does not name: all that
 * are pure, and a few real ones. `npm install && npm test` in such a copy runs all of them.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempDisposableSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { read, root, trackedPaths } from "../rules/tree.ts";

const names = z.record(z.string(), z.string());
const manifest = z.object({ dependencies: names, devDependencies: names, optionalDependencies: names });
/** A process on a Redis, and workers here. */
const real = ["ten-lines.real.test.ts", "retention.real.test.ts"];

const counted = z.object({
  success: z.boolean(),
  numFailedTests: z.number(),
  numPassedTests: z.number(),
  testResults: z.array(z.unknown()),
});

/** The run in the copy is no part of the one around it. */
const withoutVitest = (variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(variables).filter(([name]) => !name.startsWith("VITEST")));

test("the engine is tested where nothing else of this repository is", () => {
  using copy = mkdtempDisposableSync(join(tmpdir(), "whitewater-test-engine-"));
  const files = trackedPaths()
    .filter((path) => path.startsWith("engine/"))
    .map((path) => relative("engine", path));
  for (const file of files) {
    mkdirSync(dirname(join(copy.path, file)), { recursive: true });
    copyFileSync(join(root, "engine", file), join(copy.path, file));
  }
  const { dependencies, devDependencies, optionalDependencies } = manifest.parse(
    JSON.parse(read("engine/package.json").text),
  );
  for (const name of Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
    const link = join(copy.path, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, "node_modules", name), link);
  }
  const chosen = files.filter((file) =>
    file.endsWith(".real.test.ts") ? real.includes(file) : file.endsWith(".test.ts"),
  );
  const vitest = join(copy.path, "node_modules", "vitest", "vitest.mjs");
  const report = join(copy.path, "report.json");
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [vitest, "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...chosen],
    { cwd: copy.path, encoding: "utf8", env: withoutVitest(process.env) },
  );
  const ended = existsSync(report) ? counted.parse(JSON.parse(readFileSync(report, "utf8"))) : undefined;
  expect(ended, stdout + stderr).toMatchObject({ success: true, numFailedTests: 0 });
  expect(ended?.testResults).toHaveLength(chosen.length);
  expect(ended?.numPassedTests).toBeGreaterThan(100);
});
