import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { sampleNames, sampleResult } from "../testing/sample-result.ts";
import { html } from "./index.ts";

const page = html.render(sampleResult("fail"));
const all = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, inner = ""]) => inner);

test("needs no network: nothing is loaded, and the policy allows these scripts and styles alone", () => {
  expect(page).not.toMatch(/<(link|img|iframe|object|embed|base|form)\b|\ssrc=|@import ["']|url\(/);
  expect(all(page, /\shref="([^"]*)"/g).filter((address) => !/^(#|data:text\/plain)/.test(address))).toEqual([]);
  const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const policy = all(page, /Content-Security-Policy" content="([^"]*)"/g)[0] ?? "";
  const scripts = all(page, /<script>([^]*?)<\/script>/g);
  const styles = all(page, /<style>([^]*?)<\/style>/g);
  expect(scripts.length).toBeGreaterThan(1);
  for (const text of [...scripts, ...styles]) expect(policy.replaceAll("&#39;", "'")).toContain(hash(text));
  expect(policy).toContain("default-src &#39;none&#39;");
  expect(page).not.toMatch(/\sstyle="|\son[a-z]+="/);
});

test("the data for the plots is JSON, whatever it holds", () => {
  const result = sampleResult("pass");
  const measures = {
    "</script><!--": { about: "", measured: { kind: "series", unit: "jobs", at: [1], lines: { "<b>": [1] } } },
  } as const;
  const [data = ""] = all(
    html.render({ ...result, measures }),
    /<script type="application\/json" id="data">([^]*?)<\/script>/g,
  );
  expect(JSON.parse(data)).toMatchObject({ timeline: { series: { "</script><!--": { at: [-1] } } } });
});

test("has its seven parts, and every fault by its name", () => {
  expect(all(page, /<(?:section|header) id="([a-z]+)"/g)).toEqual([
    "verdict",
    "guarantees",
    "timeline",
    "latency",
    "recovery",
    "load",
    "repeat",
  ]);
  for (const { id } of sampleResult("fail").incidents) expect(page).toContain(id);
});

test("what broke stands first and open, with its jobs' lives drawn", () => {
  const [first = "", second = "", third = ""] = all(page, /<tbody id="[a-z-]+" class="([a-z-]+)">/g);
  expect([first, second, third]).toEqual(["fail", "fail", "pass"]);
  expect(page.match(/<details class="life"/g)?.length).toBe(4);
  expect(page.match(/<svg class="lanes life"/g)?.length).toBe(4);
});

test.each(sampleNames)("is well-formed where it was put together: %s", (name) => {
  const open: string[] = [];
  const body = html.render(sampleResult(name)).replaceAll(/<(script|style)\b[^>]*>[^]*?<\/\1>/g, "");
  for (const [tag, closing, element = ""] of body.matchAll(/<(\/?)([a-z0-9]+)\b[^>]*>/g)) {
    if (closing === "/") expect(open.pop(), tag).toBe(element);
    else if (!["meta", "input"].includes(element) && !tag.endsWith("/>")) open.push(element);
  }
  expect(open).toEqual([]);
});

test("stays small: 1 MB for a run of 90 s, 5 MB for an hour", () => {
  expect(page.length).toBeLessThan(1e6);
  expect(html.render(sampleResult("pass", 3600)).length).toBeLessThan(5e6);
});
