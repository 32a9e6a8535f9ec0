/**
 * A package as a stranger has it: packed from what a commit would hold, installed in a directory outside of this
 * repository. Offline: what it depends on is linked from here.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { root, read, trackedPaths } from "../rules/tree.ts";

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** A repository that uses the package. */
export interface Outside extends Disposable {
  readonly path: string;
  read(file: string): string;
  write(file: string, text: string): void;
  /** Makes a package of a stranger's own. */
  install(name: string, version: string, main: string): void;
  tsc(): Ended;
  whitewater(...args: readonly string[]): Ended;
  node(...args: readonly string[]): Ended;
}

const names = z.record(z.string(), z.string());
const manifest = z.object({ dependencies: names, optionalDependencies: names });

/** What is packed: its name, and where its manifest stands. */
interface Packed {
  readonly name: string;
  readonly directory: string;
}

/** It begins as the guide says: with the example that comes with the package. */
export function outside(): Outside {
  const there = outsideWith({ name: "whitewater", directory: "." });
  cpSync(join(there.path, "node_modules", "whitewater", "docs", "example"), there.path, { recursive: true });
  return there;
}

/** With nothing but that package. */
export function outsideWith(packed: Packed): Outside {
  const path = mkdtempSync(join(tmpdir(), "whitewater-test-outside-"));
  try {
    return installed(path, packed);
  } catch (thrown) {
    rmSync(path, { recursive: true, force: true });
    throw thrown;
  }
}

function installed(path: string, { name, directory }: Packed): Outside {
  const modules = join(path, "node_modules");
  mkdirSync(join(modules, name), { recursive: true });
  execFileSync("tar", ["-xzf", packed(path, directory), "-C", join(modules, name), "--strip-components=1"]);
  const { dependencies, optionalDependencies } = manifest.parse(JSON.parse(read(join(directory, "package.json")).text));
  for (const needed of [
    ...Object.keys(dependencies),
    ...Object.keys(optionalDependencies),
    "typescript",
    "@types/node",
  ])
    link(needed, modules);
  const run = (...words: readonly string[]): Ended => {
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: path, encoding: "utf8" });
    return { code: status, output: stdout + stderr };
  };
  const write: Outside["write"] = (file, text) => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  };
  return {
    path,
    read: (file) => readFileSync(join(path, file), "utf8"),
    write,
    install(name, version, main) {
      write(`node_modules/${name}/package.json`, JSON.stringify({ name, version, main: "main.cjs" }));
      write(`node_modules/${name}/main.cjs`, main);
    },
    tsc: () => run(join(modules, "typescript", "bin", "tsc"), "--noEmit"),
    node: run,
    whitewater: (...args) => run(join(modules, "whitewater", "cli", "bin.mjs"), ...args),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Built and packed in a copy, so that the checkout stays as it is. Returns the tarball. */
export function packed(path: string, directory: string): string {
  const checkout = join(path, "checkout");
  for (const file of trackedPaths()) {
    mkdirSync(dirname(join(checkout, file)), { recursive: true });
    copyFileSync(join(root, file), join(checkout, file));
  }
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
  execFileSync("npm", ["pack", "--offline", "--pack-destination", path], {
    cwd: join(checkout, directory),
    stdio: "pipe",
  });
  rmSync(checkout, { recursive: true, force: true });
  return join(path, readdirSync(path).find((name) => name.endsWith(".tgz")) ?? "none");
}

function link(name: string, modules: string): void {
  mkdirSync(dirname(join(modules, name)), { recursive: true });
  symlinkSync(join(root, "node_modules", name), join(modules, name));
}
