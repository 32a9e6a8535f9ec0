import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempDisposableSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isThere, namesIn, NotPlain, readPlain } from "./plain-file.ts";

test("a file is read, and nothing that only looks like one", () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "whitewater-plain-"));
  const at = (name: string): string => join(folder.path, name);
  writeFileSync(at("file"), "text");
  writeFileSync(at("empty"), "");
  mkdirSync(at("directory"));
  symlinkSync("file", at("link"));
  symlinkSync("nowhere", at("dangling"));
  symlinkSync("loop", at("loop"));
  execFileSync("mkfifo", [at("fifo")]);
  expect(String(readPlain(at("file"), 4))).toBe("text");
  expect(readPlain(at("empty"), 0)).toHaveLength(0);
  for (const name of ["directory", "link", "dangling", "loop", "fifo"])
    expect(() => readPlain(at(name), 100), name).toThrow(NotPlain);
  expect(() => readPlain("/dev/zero", 100)).toThrow(NotPlain);
  expect(() => readPlain(at("file"), 3)).toThrow("has 4 bytes: at most 3 are read");
  expect(() => readPlain(at("none"), 3)).toThrow("ENOENT");
  expect([at("dangling"), at("none")].map(isThere)).toEqual([true, false]);
});

test("a hole of twenty gibibytes is not read", () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "whitewater-plain-"));
  const file = join(folder.path, "hole");
  writeFileSync(file, "");
  truncateSync(file, 20 * 2 ** 30);
  expect(() => readPlain(file, 1 << 20)).toThrow(NotPlain);
});

test("names are those of a directory, up to a number of them", () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "whitewater-plain-"));
  const inside = join(folder.path, "inside");
  mkdirSync(inside);
  for (const name of ["b", "a", "c"]) writeFileSync(join(inside, name), "");
  symlinkSync("inside", join(folder.path, "link"));
  expect(namesIn(inside, 3)).toEqual(["a", "b", "c"]);
  expect(() => namesIn(inside, 2)).toThrow("holds more than 2 files");
  expect(namesIn(join(folder.path, "link"), 3)).toEqual([]);
  expect(namesIn(join(folder.path, "none"), 3)).toEqual([]);
});
