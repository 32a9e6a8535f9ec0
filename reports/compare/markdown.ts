/** For a CI job's page: GitHub's Markdown, who is broken first. */
import { count } from "../figures.ts";
import { plain, table } from "../markdown-text.ts";
import { legible } from "../markup.ts";
import type { Comparison, ComparisonReport } from "./contract.ts";
import { figureNames } from "./schema.ts";
import {
  byPromises,
  interval,
  labelOf,
  latencyText,
  methodLine,
  pairSentence,
  promiseLine,
  said,
  wordings,
} from "./words.ts";

const headings = { pass: "✅ Pass", fail: "❌ Fail", unknown: "⚠️ Unknown" } as const;
const signs = { pass: "✅", fail: "❌", unknown: "⚠️" } as const;

export const comparisonMarkdown: ComparisonReport = {
  file: "compare.md",
  render: (comparison) =>
    legible(
      [
        `## ${headings[comparison.verdict]}: ${plain(comparison.sentence)}`,
        comparison.reasons.map((reason) => `- ${plain(reason)}`).join("\n"),
        "### Did they keep their promises?",
        byPromises(comparison)
          .map((one) => `- ${signs[one.promises.verdict]} **${plain(one.label)}** ${plain(promiseLine(one))}`)
          .join("\n"),
        "### How fast were they?",
        comparison.pairs.map((pair) => `**${plain(pairSentence(comparison, pair))}**`).join("\n\n"),
        figures(comparison),
        ratios(comparison),
        latencies(comparison),
        `${methodLine(comparison)}. Repeat: \`${comparison.repeat}\``,
      ]
        .filter((text) => text !== "")
        .join("\n\n") + "\n",
    ),
};

const figures = ({ configurations }: Comparison): string =>
  table(["", ...configurations.map(({ label }) => plain(label))], `l${"r".repeat(configurations.length)}`, [
    ...figureNames.map((name) => [
      wordings[name].title,
      ...configurations.map(({ figures: { [name]: value } }) =>
        value === undefined ? "–" : wordings[name].written(value),
      ),
    ]),
    [
      "throughput by the wall clock, jobs/s",
      ...configurations.map(({ wallJobsPerSecond: rate }) => (rate === undefined ? "–" : count(Math.round(rate)))),
    ],
  ]);

const ratios = (comparison: Comparison): string =>
  table(
    ["ratio (95 % interval)", "", "", "laps"],
    "lrrr",
    comparison.pairs.flatMap(({ base, other, ratios: all }) =>
      all.map((ratio) => [
        `${plain(labelOf(comparison, other))} / ${plain(labelOf(comparison, base))}: ${wordings[ratio.figure].title}`,
        interval(ratio),
        ratio.says === "no difference seen" ? ratio.says : said(ratio).replace(/^.*\) /, ""),
        count(ratio.laps),
      ]),
    ),
  );

const latencies = ({ configurations }: Comparison): string =>
  table(
    ["latency, ms", "p50", "p90", "p99", "p99.9", "max"],
    "lrrrrr",
    configurations.flatMap(({ label, latency }) =>
      latency === undefined
        ? []
        : [
            [
              plain(label),
              ...[latency.p50, latency.p90, latency.p99, latency.p999, latency.max].map((value) =>
                latencyText(latency, value),
              ),
            ],
          ],
    ),
  );
