/** Finds a Node that runs this project: the one locked in package.json where there is a build for the machine, else the machine's own. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isAtLeast, run, SetupError } from "./say.mjs";

/** Runs TypeScript as it is, without a warning, and has AsyncDisposableStack. */
const oldest = [24, 3];

/** @returns {string} path of its executable. @throws SetupError when there is none */
export function findNode() {
  const locked = lockedNode();
  if (locked !== undefined) return locked;
  if (isAtLeast(process.versions.node, oldest)) return process.execPath;
  throw new SetupError(
    `needs Node ${oldest.join(".")} or newer; this is ${process.version}, and the package ${lockedPackage()} that ` +
      `would bring one is not installed.\n  Install a current Node (https://nodejs.org, or: nvm install 24), then try again.`,
  );
}

const lockedPackage = () => `node-${process.platform}-${process.arch}`;

/** An optional dependency, so it may be absent; and a build for glibc does not start on a machine without. */
function lockedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${lockedPackage()}/package.json`);
    const path = join(dirname(manifest), "bin", "node");
    return run(path, ["--version"]).ok ? path : undefined;
  } catch {
    return undefined;
  }
}
