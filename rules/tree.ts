/**
 * The files of this repository as a commit would hold them: those that git knows, and new ones that it does not ignore.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Source } from "./references.ts";

export const root = join(import.meta.dirname, "..");

export const trackedPaths = (): string[] =>
  execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)));

export const read = (path: string): Source => ({ path, text: readFileSync(join(root, path), "utf8") });

export const isModule = (path: string): boolean => /\.(ts|mjs)$/.test(path);
