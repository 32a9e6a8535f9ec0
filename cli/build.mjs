/**
 * Makes a package's dist/: JavaScript and types of what is shipped, and beside them every file that a shipped module
 * reads at run time (scripts, page assets). Run by `npm pack` through prepack: here, and in `engine/`, with its directory.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { installDependencies } from "./setup/dependencies.mjs";
import { findNode } from "./setup/node.mjs";

const repository = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = resolve(process.argv[2] ?? repository);
const dist = join(root, "dist");

// A fresh clone has no compiler yet.
if (!existsSync(join(repository, "node_modules", ".bin", "tsc"))) installDependencies(repository, findNode());
rmSync(dist, { recursive: true, force: true });
compile();
for (const room of rooms()) copyAssets(room);

function compile() {
  const ended = spawnSync(
    process.execPath,
    [join(repository, "node_modules", ".bin", "tsc"), "-p", join(root, "tsconfig.build.json")],
    { stdio: "inherit" },
  );
  if (ended.status !== 0) process.exit(1);
}

/** The folders that the compiler ships, as far as there is something in them. @returns {string[]} */
function rooms() {
  const { include } = JSON.parse(readFileSync(join(root, "tsconfig.build.json"), "utf8"));
  return include.filter((/** @type {string} */ path) => !path.includes(".") && existsSync(join(root, path)));
}

/** What only tests need is not shipped. @param {string} folder relative to the root */
function copyAssets(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name === "testing") continue;
    if (entry.isDirectory()) copyAssets(path);
    else if (!/\.(ts|mjs|md)$|^(package|tsconfig.*)\.json$|^LICENSE$/.test(entry.name)) {
      mkdirSync(join(dist, folder), { recursive: true });
      copyFileSync(join(root, path), join(dist, path));
    }
  }
}
