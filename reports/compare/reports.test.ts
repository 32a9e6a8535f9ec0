import { expect, test } from "vitest";
import { sampleComparison, type ComparisonSample } from "./testing/sample-comparison.ts";
import { comparisonReports } from "./index.ts";
import { comparisonSchema } from "./schema.ts";
import { comparisonSummary } from "./terminal.ts";

const samples: readonly ComparisonSample[] = ["equal", "slower", "broken"];
const rendered = (sample: ComparisonSample, file: string): string =>
  comparisonReports.find((report) => report.file === file)?.render(sampleComparison(sample)) ?? "";
const terminal = (sample: ComparisonSample): string =>
  comparisonSummary(sampleComparison(sample), { colour: false, width: 100 });

test.each(samples)("compare.json of a comparison that is %s is as its schema says", (sample) => {
  const written: unknown = JSON.parse(rendered(sample, "compare.json"));
  expect(comparisonSchema.parse(written)).toEqual(written);
});

test.each(["compare.md", "compare.html"])("%s says that no difference was seen, or how large it is", (file) => {
  expect(rendered("equal", file)).toContain("no difference seen: 1.00 x (0.970 to 1.03)");
  expect(rendered("slower", file)).toContain("is 0.900 x (0.873 to 0.927) as fast as stream");
});

test("the terminal says the same, on one screen", () => {
  expect(terminal("equal")).toContain("no difference seen: 1.00 x (0.970 to 1.03)");
  expect(terminal("slower")).toContain("is 0.900 x (0.873 to 0.927) as fast as stream");
  expect(terminal("slower")).toContain("1.11 x (1.08 to 1.14) as long");
  expect(terminal("broken").split("\n").length).toBeLessThanOrEqual(40);
});

test("whoever is broken comes first, although it is faster", () => {
  for (const text of [terminal("broken"), rendered("broken", "compare.md"), rendered("broken", "compare.html")]) {
    const [broken, kept, speed] = ["BROKEN: no-acked-loss", "kept its promises", "1.50 x"].map((what) =>
      text.indexOf(what),
    );
    expect(broken).toBeGreaterThan(0);
    expect(kept).toBeGreaterThan(broken ?? 0);
    expect(speed).toBeGreaterThan(kept ?? 0);
  }
});

test("latencies of jobs that were never settled are what they are at least", () => {
  const comparison = sampleComparison("broken");
  const configurations = comparison.configurations.map((one, index) =>
    index === 0 || one.latency === undefined
      ? one
      : { ...one, latency: { ...one.latency, unfinished: 3, atLeastFromMs: one.latency.p99 } },
  );
  const [page = "", text = ""] = ["compare.html", "compare.md"].map((file) =>
    comparisonReports.find((report) => report.file === file)?.render({ ...comparison, configurations }),
  );
  expect(text.match(/≥/g)).toHaveLength(3);
  expect(page.match(/≥/g)).toHaveLength(3);
  expect(rendered("broken", "compare.md")).not.toContain("≥");
});

test("the page needs no network, and names of others are no markup", () => {
  const page = rendered("broken", "compare.html");
  expect(page).toContain("default-src &#39;none&#39;");
  expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
  expect(page).not.toContain("<b>queue</b>");
  expect(page).toContain("&lt;b&gt;queue");
});

test("in a table of compare.md others' text stays in its cell", () => {
  expect(rendered("broken", "compare.md")).toContain(String.raw`acknowledged \| and is nowhere`);
  expect(rendered("broken", "compare.md")).not.toContain("<b>");
});
