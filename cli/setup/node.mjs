/**
 * Finds a Node that runs this project: the one that started us, where it is new enough, so that a user's runtime is the one that is
 * tested. Else one is fetched once, as a package without an install script whose checksum stands here.
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { npm } from "./npm.mjs";
import { cacheFolder, forbidden, isAtLeast, isProgram, mayInstall, run, say, SetupError } from "./say.mjs";

/** Runs TypeScript as it is, without a warning, and has AsyncDisposableStack. */
const oldest = [24, 3];

/** @typedef {{ readonly version: string, readonly checksums: Readonly<Record<string, string>> }} Builds of packages `node-PLATFORM-ARCH` */

/** @type {Builds} */
const pinned = {
  version: "24.21.0",
  checksums: {
    "linux-arm64": "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
    "linux-x64": "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  },
};

/**
 * @param {string} own version of the Node that started us
 * @param {Builds} builds
 * @returns {string} path of its executable
 * @throws SetupError when there is none
 */
export function findNode(own = process.versions.node, builds = pinned) {
  if (isAtLeast(own, oldest)) return process.execPath;
  const path = join(cacheFolder(), "node", builds.version, "node");
  const why = isProgram(path) ? "" : fetchNode(path, builds);
  const asked = why === "" ? run(path, ["--version"]) : { ok: false, why };
  if (asked.ok) return path;
  throw new SetupError(
    `needs Node ${oldest.join(".")} or newer; this is ${own}, and a newer one cannot be had: ${"why" in asked ? asked.why : ""}\n` +
      `  Install a current Node (https://nodejs.org, or: nvm install 24), then try again.`,
  );
}

/** @param {string} path @param {Builds} builds @returns {string} why there is none; empty when it is there */
function fetchNode(path, { version, checksums }) {
  const machine = `${process.platform}-${process.arch}`;
  const checksum = checksums[machine];
  if (checksum === undefined) return `there is no build of it for ${machine}`;
  if (!mayInstall()) return forbidden;
  say(`fetching Node ${version} into ${cacheFolder()} (50 MB, once; the Node here is too old) ...`);
  mkdirSync(join(path, "..", ".."), { recursive: true });
  const folder = mkdtempSync(join(path, "..", "..", ".fetching-"));
  try {
    const fetched = npm(
      ["pack", `node-${machine}@${version}`, "--pack-destination", folder, "--loglevel=error"],
      folder,
    );
    if (!fetched.ok) return `npm pack ${fetched.why}`;
    const [tarball = ""] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
    const found = `sha512-${createHash("sha512")
      .update(readFileSync(join(folder, tarball)))
      .digest("base64")}`;
    if (found !== checksum) return `what the registry gave is not what it was (${found}, not ${checksum})`;
    const unpacked = run("tar", ["-xzf", join(folder, tarball), "-C", folder, "package/bin/node"]);
    if (!unpacked.ok) return `tar ${unpacked.why}`;
    mkdirSync(join(path, ".."), { recursive: true });
    renameSync(join(folder, "package", "bin", "node"), path); // whole, or not there
    return "";
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
