/** Exit codes 0 and 1 come from a verdict alone, whatever a configuration does, and whoever reads what is said. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { whitewater } from "./testing/whitewater.ts";
import { root } from "../rules/tree.ts";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "whitewater-test-ending-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const door = JSON.stringify(join(root, "index.ts"));
const extended = (more: string): string =>
  `import { builtin } from ${door};\nexport default builtin.extend({ ${more} });\n`;
const odd = (connecting: string): string => extended(`systems: { odd: ${connecting} }`);

/** What a configuration does, with how `whitewater list` ends then. */
const configurations: Readonly<
  Record<string, { readonly text: string; readonly code: number; readonly says: string }>
> = {
  "never settles": {
    text: "await new Promise(() => {});\nexport default 1;\n",
    code: 3,
    says: "never-settles.ts does not settle: nothing is left that it waits for",
  },
  "has a system whose module never settles": {
    text: odd("() => new Promise(() => {})"),
    code: 3,
    says: 'the module of system "odd" does not settle',
  },
  "ends the process": {
    text: "const leave = () => process.exit(0);\nleave();\n",
    code: 3,
    says: "ends-the-process.ts:1",
  },
  "ends the process with the code of a broken promise": {
    text: "process.exit(1);\n",
    code: 3,
    says: "ended this process by process.exit(1), at",
  },
  "ends the process when its system is loaded": {
    text: odd("async () => process.exit(0)"),
    code: 3,
    says: 'the module of system "odd" ended this process by process.exit(0)',
  },
  "throws where nobody can catch it": {
    text: `setImmediate(() => { throw new Error("not mine"); });\nawait new Promise(() => {});\n`,
    code: 2,
    says: "throws-where-nobody-can-catch-it.ts:1: Error: not mine",
  },
  "rejects where nobody waits": {
    text: `setImmediate(() => void Promise.reject(new Error("not mine")));\nawait new Promise(() => {});\n`,
    code: 2,
    says: "rejects-where-nobody-waits.ts:1: Error: not mine",
  },
};

test.each(Object.entries(configurations))("a configuration that %s", async (name, { text, code, says }) => {
  const file = join(folder, `${name.replaceAll(" ", "-")}.ts`);
  writeFileSync(file, text);
  const ended = await whitewater(["list", "--config", file], folder).ended;
  const told = stripVTControlCharacters(ended.output);
  expect(told).toContain(says);
  expect(told).toMatch(/^whitewater: /m);
  expect(ended.code, told).toBe(code);
});

test.runIf(existsSync("/dev/full"))("what cannot be printed changes a pass, and is said", async () => {
  const full = openSync("/dev/full", "w");
  const child = spawn(process.execPath, [join(root, "cli", "main.ts"), "list"], { stdio: ["ignore", full, "pipe"] });
  closeSync(full);
  const said = child.stderr === null ? "" : await text(child.stderr);
  const code = child.exitCode ?? (await once(child, "exit"))[0];
  expect(code).toBe(2);
  expect(said).toContain("what was to be printed could not be written: ENOSPC");
});

test("a signal ends a command that has not begun anything, whatever keeps it busy", async () => {
  const file = join(folder, "busy.ts");
  writeFileSync(file, 'process.stderr.write("busy");\nfor (;;);\n');
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const child = spawn(process.execPath, [join(root, "cli", "main.ts"), "run", "smoke", "--config", file], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    await once(child.stderr, "data");
    child.kill(name);
    expect(await once(child, "exit")).toEqual([null, name]);
  }
});

test("a closed pipe changes no code", async () => {
  const child = spawn(process.execPath, [join(root, "cli", "main.ts"), "list"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.destroy();
  child.stderr.destroy();
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
});
