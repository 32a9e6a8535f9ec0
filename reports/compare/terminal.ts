/** What stands in the terminal when a comparison is over: who is broken, then how fast, then how it was found out. */
import { styleText } from "node:util";
import { count } from "../figures.ts";
import type { Look } from "../terminal.ts";
import type { Comparison } from "./contract.ts";
import { figureNames } from "./schema.ts";
import { byPromises, methodLine, pairSentence, promiseLine, said, wordings } from "./words.ts";

type Style = Parameters<typeof styleText>[0];

const banners = { pass: ["PASS", "green"], fail: ["FAIL", "red"], unknown: ["UNKNOWN", "yellow"] } as const;
const signs = { pass: ["✔", "green"], fail: ["✖", "red"], unknown: ["?", "yellow"] } as const;
const says = { "no difference seen": "dim", better: "green", worse: "yellow" } as const;
const reasonsShown = 5;

export function comparisonSummary(comparison: Comparison, { colour, width }: Look): string {
  const paint = (style: Style, text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const clipped = (text: string): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);
  const [word, hue] = banners[comparison.verdict];
  const { configurations, pairs } = comparison;
  const names = Math.max(...configurations.map(({ label }) => label.length));
  const columns = configurations.map(({ label }) => Math.max(12, label.length + 2));
  const row = (title: string, cells: readonly string[]): string =>
    title.padEnd(20) + cells.map((cell, index) => cell.padStart(columns[index] ?? 12)).join("");

  const sections = [
    [
      `${paint(["bold", hue], word)}  ${paint("bold", comparison.sentence)}`,
      ...comparison.reasons.slice(0, reasonsShown).map((reason) => clipped(`  ${reason}`)),
    ],
    byPromises(comparison).map((configuration) => {
      const [sign, style] = signs[configuration.promises.verdict];
      const text = `${configuration.label.padEnd(names)}  ${promiseLine(configuration)}`;
      return `${paint(style, sign)} ${configuration.promises.verdict === "pass" ? text : paint(style, clipped(text))}`;
    }),
    [
      paint(
        "dim",
        row(
          "",
          configurations.map(({ label }) => label),
        ),
      ),
      ...figureNames.map((name) =>
        row(
          wordings[name].title,
          configurations.map(({ figures }) =>
            figures[name] === undefined ? "–" : wordings[name].written(figures[name]),
          ),
        ),
      ),
      paint(
        "dim",
        row(
          "by the wall clock",
          configurations.map(({ wallJobsPerSecond: rate }) => (rate === undefined ? "–" : count(Math.round(rate)))),
        ),
      ),
    ],
    ...pairs.map((pair) => [
      paint("bold", pairSentence(comparison, pair)),
      ...pair.ratios
        .filter(({ figure }) => figure !== "jobsPerSecond")
        .map((ratio) => `  ${wordings[ratio.figure].title.padEnd(18)}${paint(says[ratio.says], said(ratio))}`),
    ]),
    [
      paint("dim", methodLine(comparison)),
      `${paint("dim", "report".padEnd(12))}${comparison.directory}/compare.html`,
      `${paint("dim", "repeat".padEnd(12))}${comparison.repeat}`,
    ],
  ];
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}
