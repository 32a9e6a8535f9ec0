/** The packages of package-lock.json in node_modules: installed when they are not, left alone when they are. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { locked } from "./lock.mjs";
import { npm } from "./npm.mjs";
import { say, SetupError } from "./say.mjs";

/** @typedef {{ readonly version?: string, readonly integrity?: string, readonly optional?: boolean, readonly devOptional?: boolean, readonly optionalDependencies?: Readonly<Record<string, string>>, readonly os?: readonly string[] | string, readonly cpu?: readonly string[] | string }} Locked */

/** @param {string} root the checkout @param {string} node that is going to run it */
export function installDependencies(root, node) {
  if (areInstalled(root)) return;
  locked(join(root, ".setup-lock"), () => {
    if (areInstalled(root)) return; // by the one that we waited for
    say("installing dependencies (about 12 s the first time) ...");
    // Whatever the environment says of production or of omitting: the checks need the tools. Which Node the tools need is seen to.
    const flags = [
      "--include=dev",
      "--include=optional",
      "--engine-strict=false",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
    ];
    const installed = npm(["ci", ...flags], root, node);
    if (!installed.ok)
      throw new SetupError(`npm ci ${installed.why}\n  Is the package registry of your npm reachable?`);
  });
}

/**
 * npm writes node_modules/.package-lock.json as the last step of an install, so an interrupted one has none; it holds
 * exactly what was installed.
 * @param {string} root
 */
function areInstalled(root) {
  const wanted = packagesOf(join(root, "package-lock.json"));
  const found = packagesOf(join(root, "node_modules", ".package-lock.json"));
  if (wanted === undefined) throw new SetupError(`cannot read ${join(root, "package-lock.json")}`);
  if (found === undefined) return false;
  const isSame = (/** @type {string} */ path) =>
    found[path]?.version === wanted[path]?.version && found[path]?.integrity === wanted[path]?.integrity;
  // What we name ourselves is optional for others alone: an npm that an older Node runs leaves it out without a word.
  const ours = Object.keys(wanted[""]?.optionalDependencies ?? {}).map((name) => `node_modules/${name}`);
  const isNeeded = (/** @type {string} */ path) =>
    path !== "" && (ours.includes(path) || (!wanted[path]?.optional && !wanted[path]?.devOptional));
  return (
    Object.keys(wanted).filter(isNeeded).every(isSame) &&
    // nothing of an older lock, nothing for another machine that shared this folder
    Object.keys(found).every(
      (path) => isSame(path) && fits(found[path]?.os, process.platform) && fits(found[path]?.cpu, process.arch),
    )
  );
}

/** @param {readonly string[] | string | undefined} allowed @param {string} own */
const fits = (allowed, own) =>
  allowed === undefined ||
  [allowed].flat().some((name) => name === own || (name.startsWith("!") && name !== `!${own}`));

/** @param {string} file @returns {Record<string, Locked> | undefined} */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}
