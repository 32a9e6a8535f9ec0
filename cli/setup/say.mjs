/** How the set-up speaks and runs other programs. Plain JavaScript, since it runs on whatever Node the machine has. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Whoever reads this can act on it: printed without a stack, and the set-up ends. */
export class SetupError extends Error {}

/** Standard output belongs to the answer of the set-up, so it speaks on standard error. @param {string} line */
export function say(line) {
  process.stderr.write(`whitewater: ${line}\n`);
}

/** Whoever runs us has not forbidden that anything is fetched, built or installed beside the checkout. */
export const mayInstall = () => !process.argv.includes("--no-install");

/** What a way to come by something says that would install it, and may not. */
export const forbidden = "--no-install forbids it";

/** The program's full path, or undefined when PATH has none of that name. @param {string} name @returns {string | undefined} */
export function onPath(name) {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

/** @param {string} path */
export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Where all lies that was fetched or built; the harness looks in the same place. */
export const cacheFolder = () => join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "whitewater");

/**
 * Runs a program to its end.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ readonly cwd?: string, readonly env?: Record<string, string> }} [options] env is added to our own
 * @returns {{ ok: true, output: string } | { ok: false, why: string }} both output streams together; why it failed, in its own last words
 */
export function run(program, args, options = {}) {
  const ended = spawnSync(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (ended.error) return { ok: false, why: ended.error.message };
  const output = `${ended.stdout}${ended.stderr}`.trim();
  if (ended.status === 0) return { ok: true, output };
  const lastWords = output.split("\n").slice(-5).join("\n    ");
  return {
    ok: false,
    why: `ended with ${ended.signal ?? `code ${ended.status}`}${lastWords && `:\n    ${lastWords}`}`,
  };
}

/**
 * True when `found` (such as "7.0.15") is not older than `wanted`.
 * @param {string} found
 * @param {readonly number[]} wanted
 */
export function isAtLeast(found, wanted) {
  const parts = found.split(".").map(Number);
  for (const [index, part] of wanted.entries()) {
    const own = parts[index] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}
