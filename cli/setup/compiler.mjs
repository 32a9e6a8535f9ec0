/**
 * A C compiler, for clocks that are bent: the library that does it is compiled on the machine, when a run first needs it.
 * Nothing else needs one, so a machine without is only told of it by a run that does.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aptInstall, asRoot } from "./apt.mjs";
import { cacheFolder, mayInstall, onPath, run, say } from "./say.mjs";

const anyVersion = [1];

/** Where nothing is to be had, it is tried once, and not at every start. */
export function provideCompiler() {
  if (process.platform !== "linux" || process.env["WHITEWATER_CC"]) return;
  const folder = join(cacheFolder(), "lib");
  const tried = join(folder, "compiler-was-sought");
  if (existsSync(tried) || isCompiled(folder) || compiles()) return;
  if (onPath("apt-get") === undefined || !mayInstall() || asRoot() === undefined) return;
  const installed = aptInstall("gcc", anyVersion, { also: ["libc6-dev"], policy: null });
  if (installed.ok) return;
  say(`no C compiler: no clock can be bent on this machine (apt-get: ${installed.why})`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(tried, `${installed.why}\n`);
}

/** @param {string} folder */
const isCompiled = (folder) => existsSync(folder) && readdirSync(folder).some((name) => name.startsWith("clock-"));

/** A compiler without the headers of the C library is of no use. */
const compiles = () =>
  ["cc", "gcc", "clang"].some((name) => {
    const path = onPath(name);
    return path !== undefined && run(path, ["-E", "-include", "sys/mman.h", "-x", "c", "/dev/null"]).ok;
  });
