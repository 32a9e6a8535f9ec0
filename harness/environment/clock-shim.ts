/**
 * The library that bends the wall clock of whoever preloads it: compiled from its source once, and kept in the cache.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../../std/cache-directory.ts";
import { messageOf } from "../../std/user-error.ts";
import type { Unavailable } from "./closed-way.ts";
import { findProgram } from "./program.ts";
import { cCompiler } from "./ways.ts";

const source = join(import.meta.dirname, "..", "..", "chaos", "clock", "shim.c");
const flags = ["-O2", "-shared", "-fPIC"];
const compileMs = 60_000;

/** @throws UserError when a variable names a compiler that is none */
export function clockShim(): { readonly path: string } | Unavailable {
  if (process.platform !== "linux") return { unavailable: "the clock of a single process can be bent on Linux only" };
  const text = readFileSync(source, "utf8");
  const version = createHash("sha256").update(text).update(flags.join()).digest("hex").slice(0, 12);
  const folder = join(cacheDirectory(), "lib");
  const path = join(folder, `clock-${process.arch}-${version}.so`);
  if (existsSync(path)) return { path };
  const compiler = findCompiler();
  if ("unavailable" in compiler) return compiler;
  let building: string | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    building = mkdtempSync(join(folder, ".building-"));
    const library = join(building, "clock.so");
    execFileSync(compiler.path, [...flags, "-o", library, source, "-ldl"], {
      timeout: compileMs,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    renameSync(library, path); // whole, or not there
    return { path };
  } catch (thrown) {
    return { unavailable: `${compiler.path} does not compile it: ${firstWords(thrown)}` };
  } finally {
    if (building !== undefined) rmSync(building, { recursive: true, force: true });
  }
}

function findCompiler(): { readonly path: string } | Unavailable {
  for (const program of ["cc", "gcc", "clang"]) {
    const found = findProgram({ ...cCompiler, program });
    if ("path" in found) return found;
  }
  return { unavailable: "neither cc nor gcc nor clang is on PATH" };
}

/** What the compiler said first, such as which header it misses. */
const firstWords = (thrown: unknown): string =>
  (thrown instanceof Error && "stderr" in thrown && String(thrown.stderr).trim().split("\n")[0]) || messageOf(thrown);
