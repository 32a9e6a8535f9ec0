/** The README's way of one job, and its rooms, are those that there are. */
import { expect, test } from "vitest";
import { paths, read } from "./testing/tree.ts";

const section = (heading: string): string => read("README.md").split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
const filesIn = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/[\w/-]+\.(?:ts|lua)\b/g)].map(([name]) => name));
const there = paths();

test("the way of one job passes no more than ten files, and each is there", () => {
  const [, drawn = ""] = section("The way of one job").split("```");
  const files = [...filesIn(drawn)].filter((file) => file !== "prefetch.ts"); // which says how many
  expect(files.length).toBeLessThanOrEqual(10);
  expect(files.filter((file) => !there.includes(file))).toEqual([]);
});

test("every file that the list of the rooms names is in one of them", () => {
  const files = [...filesIn(section("The rooms"))];
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => !there.some((path) => `/${path}`.endsWith(`/${file}`)))).toEqual([]);
});
