/**
 * Everything that must hold, in one command: format, lint, types, unused code, tests. Each static check counts as one
 * test, so the last line is the whole truth. All of them run, whatever is red, so that one look shows all there is to
 * do.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { monotonic } from "../std/clock.ts";

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const root = join(import.meta.dirname, "..");
const restricted = process.argv.slice(2).filter((word) => word !== "--no-install"); // the set-up's

const checks: readonly (readonly [name: string, tool: string, args: readonly string[]])[] = [
  ["format", "oxfmt", ["--list-different"]],
  ["lint", "oxlint", []],
  ["types", "tsc", ["--noEmit"]],
  ["types of what runs in a browser", "tsc", ["--noEmit", "-p", "reports/html/assets"]],
  ["unused code", "knip", ["--no-progress"]],
];

/** The tool as it was installed here; its own launcher is JavaScript, and our Node the only one that surely runs it. */
function runTool(tool: string, args: readonly string[]): boolean {
  const ended = spawnSync(process.execPath, [join(root, "node_modules", ".bin", tool), ...args], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return ended.status === 0;
}

function step(name: string, does: () => boolean): boolean {
  console.log(`\n▸ ${name}`);
  const startNs = monotonic.nowNs();
  const held = does();
  console.log(`${held ? "✓" : "✗"} ${name} (${((monotonic.nowNs() - startNs) / 1e9).toFixed(1)} s)`);
  return held;
}

const assertion = z.object({ status: z.string(), title: z.string(), ancestorTitles: z.array(z.string()) });
const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(z.object({ assertionResults: z.array(assertion) })),
});

/** What was not tested is told by its group's name, which says why. */
const notRun = new Set(["pending", "skipped", "todo"]);

/**
 * What vitest counted; a red run in which no test failed (a file that does not load, an unhandled error) is one
 * failure.
 */
function tests(): Count {
  const folder = mkdtempSync(join(tmpdir(), "whitewater-test-"));
  const file = join(folder, "report.json");
  try {
    const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`, ...restricted];
    const held = step("tests", () => runTool("vitest", args));
    const report = readReport(file);
    const all = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? [];
    const groups = Map.groupBy(
      all.filter(({ status }) => notRun.has(status)),
      ({ ancestorTitles: [group], title }) => group ?? title,
    );
    for (const [group, { length }] of groups) console.log(`- ${length} not run: ${group}`);
    const passed = report?.numPassedTests ?? 0;
    const failed = report?.numFailedTests ?? 0;
    const isRed = !held || passed === 0;
    return {
      passed,
      failed: isRed ? Math.max(1, failed) : 0,
      skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file: string): z.infer<typeof vitestReport> | undefined {
  try {
    return vitestReport.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined; // vitest did not get that far, and said so
  }
}

// With file names, only those tests: for work on one part.
const held = restricted.length > 0 ? [] : checks.map(([name, tool, args]) => step(name, () => runTool(tool, args)));
const counted = tests();
const passed = counted.passed + held.filter(Boolean).length;
const failed = counted.failed + held.filter((ok) => !ok).length;
process.exitCode = failed === 0 ? 0 : 1;
console.log(`\n${passed} passed, ${failed} failed${counted.skipped > 0 ? `, ${counted.skipped} skipped` : ""}`);
