/** Every file of the repository keeps the rules for files; and a planted one that does not is found. */
import { expect, test } from "vitest";
import { complaints } from "./files.ts";
import { read, trackedPaths } from "./tree.ts";

const isText = (path: string): boolean => !/\.(png|ico|woff2|tgz|bin)$/.test(path);

test("no file is too long without a reason, and none names a path of one machine", () => {
  expect(complaints(trackedPaths().filter(isText).map(read))).toEqual([]);
});

const long = "x\n".repeat(301);

test("finds a long file, unless it is excused", () => {
  expect(complaints([{ path: "a.ts", text: long }], {})).toEqual([expect.stringContaining("a.ts has 301 lines")]);
  expect(complaints([{ path: "a.ts", text: long }], { "a.ts": "a table" })).toEqual([]);
});

test("finds an excuse that is no longer needed", () => {
  expect(complaints([{ path: "a.ts", text: "x" }], { "a.ts": "a table" })).toEqual([
    expect.stringContaining("take it off"),
  ]);
});

test("finds a comment that is too wide, and lets long strings pass", () => {
  const wide = "x".repeat(120);
  const text = [`// ${wide}`, `const a = "${wide}";`, ` * ${wide}`].join("\n");
  expect(complaints([{ path: "a.ts", text }], {})).toEqual([
    expect.stringContaining("a.ts:1 is a comment of 123 columns"),
    expect.stringContaining("a.ts:3"),
  ]);
});

test("finds any line of a report that is too wide: script, style or template", () => {
  const markup = `<p>${"x".repeat(120)}</p>`;
  for (const path of ["reports/html/assets/a.js", "reports/html/assets/a.css", "reports/html/a.ts", "reports/b.ts"])
    expect(complaints([{ path, text: `\n${markup}\n` }], {})).toEqual([
      `${path}:2 is a line of 127 columns (at most 120): wrap it`,
    ]);
  expect(complaints([{ path: "docs/a.css", text: markup }], {})).toEqual([]);
});

test.each(["work/app", "root/.cache", "home/ann/queue", "tmp/scratch"])("finds the path of a machine: %s", (path) => {
  expect(complaints([{ path: "a.ts", text: `\nconst a = "/${path}";` }], {})).toEqual([
    expect.stringMatching(/^a\.ts:2/),
  ]);
});

test("lets relative paths and URLs pass", () => {
  const text = ["../tmp/x", "https://example.org/home/x", "{root}/tmp/x"].join('" "');
  expect(complaints([{ path: "a.ts", text }], {})).toEqual([]);
});
