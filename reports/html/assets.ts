/**
 * The page's scripts and styles as text, read once when this module is loaded, so that rendering itself does no I/O.
 * The plots are drawn by uPlot, as installed; what is ours lies in assets/ and is inlined as it stands.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const installed = (path: string): string => readFileSync(require.resolve(path), "utf8");
const ours = (name: string): string => readFileSync(new URL(`./assets/${name}`, import.meta.url), "utf8");

export const styles: readonly string[] = [
  installed("uplot/dist/uPlot.min.css"),
  ours("theme.css"),
  ours("page.css"),
  ours("headline.css"),
  ours("guarantees.css"),
  ours("plots.css"),
];
export const scripts: readonly string[] = [
  installed("uplot/dist/uPlot.iife.min.js"),
  ours("plots.js"),
  ours("faults.js"),
  ours("timeline.js"),
  ours("latency.js"),
  ours("page.js"),
];

/** Of the page of a comparison, which has curves and no time line. */
export const comparisonScripts: readonly string[] = [
  installed("uplot/dist/uPlot.iife.min.js"),
  ours("plots.js"),
  ours("latency.js"),
  ours("compare.js"),
];

const hashes = (texts: readonly string[]): string =>
  texts.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`).join(" ");

/** Exactly these scripts and styles, and no network: the page cannot load or send anything, whatever a result holds. */
const policyFor = (these: readonly string[]): string =>
  `default-src 'none'; script-src ${hashes(these)}; style-src ${hashes(styles)}; base-uri 'none'; form-action 'none'`;

export const policy = policyFor(scripts);
export const comparisonPolicy = policyFor(comparisonScripts);
