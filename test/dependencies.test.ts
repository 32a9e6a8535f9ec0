/** docs/dependencies.md gives a reason for each dependency, and for none that is gone. */
import { expect, test } from "vitest";
import { z } from "zod";
import { read } from "./tree.ts";

const names = z.record(z.string(), z.string()).default({});
const manifest = z.object({
  dependencies: names,
  devDependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
});

test("every dependency has its reason", () => {
  const declared = Object.values(manifest.parse(JSON.parse(read("package.json").text))).flatMap(Object.keys);
  const rows = read("docs/dependencies.md")
    .text.split("\n")
    .filter((line) => line.startsWith("| `"));
  const explained = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map((match) => String(match[1])),
  );
  expect(explained.toSorted()).toEqual([...new Set(declared)].toSorted());
});
