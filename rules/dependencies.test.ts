/** docs/dependencies.md gives a reason for each dependency, and for none that is gone. */
import { expect, test } from "vitest";
import { z } from "zod";
import { read } from "./tree.ts";

const lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      engines: z.object({ node: z.string().optional() }).optional().catch(undefined),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
      devOptional: z.boolean().optional(),
      peer: z.boolean().optional(),
    }),
  ),
});

/** Whether a range as packages have it for Node (`>=20`, `^16 || >= 18.2`) holds that version. */
function allows(range: string, version: readonly number[]): boolean {
  return range.split("||").some((part) => {
    const [, sign = "", digits = ""] = /^(>=|\^|)\s*v?([\d.]+)$/.exec(part.trim()) ?? [];
    const wanted = digits.split(".").map(Number);
    const first = wanted.findIndex((number, index) => number !== (version[index] ?? 0));
    const isNewer = first === -1 || (wanted[first] ?? 0) < (version[first] ?? 0);
    return digits !== "" && isNewer && (sign === ">=" || wanted[0] === version[0]);
  });
}

test("what an install needs runs on every Node that `engines` allows, so that `engine-strict` lets it through", () => {
  const { packages } = lock.parse(JSON.parse(read("package-lock.json").text));
  const oldest = Number(/^>=(\d+)$/.exec(packages[""]?.engines?.node ?? "")?.[1]);
  const needed = Object.entries(packages).filter(
    ([, it]) => it.dev !== true && it.optional !== true && it.devOptional !== true && it.peer !== true,
  );
  expect(needed.length).toBeGreaterThan(5);
  const majors = [20, 21, 22, 23, 24, 25, 26].filter((major) => major >= oldest);
  expect(majors).toContain(oldest);
  const refusing = needed.flatMap(([name, { engines }]) =>
    majors
      .filter((major) => !allows(engines?.node ?? ">=0", [major, 0, 0]))
      .map((major) => `${name} refuses Node ${major}`),
  );
  expect(refusing).toEqual([]);
  expect([allows(">=22", [20, 0, 0]), allows("^16 || >= 20.1", [20, 0, 0]), allows("^20", [20, 0, 0])]).toEqual([
    false,
    false,
    true,
  ]);
});

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
