/** The files of the engine, wherever it stands: without what is installed beside them, or built from them. */
import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..");

/** Relative to the engine, with forward slashes. */
export const paths = (): readonly string[] =>
  globSync("**/*", { cwd: root, exclude: ["**/node_modules", "dist"], withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));

export const read = (path: string): string => readFileSync(join(root, path), "utf8");
