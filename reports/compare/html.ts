/**
 * compare.html: one page that needs nothing else: who kept its promises, who is faster and how sure that is, and how it
 * was done.
 */
import { markup, trusted, type Markup } from "../markup.ts";
import { comparisonPolicy, comparisonScripts, styles } from "../html/assets.ts";
import { anyValue, dash, drawing, number, spaced, orDash, pairs, part, table } from "../html/cells.ts";
import { coloured, curve, embedded, type CurvesData } from "../html/data.ts";
import type { Comparison, ComparisonReport, Configuration } from "./contract.ts";
import { intervals } from "./intervals.ts";
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

const words = { pass: "Pass", fail: "Fail", unknown: "Unknown" } as const;
const curves = "end to end";

export const comparisonHtml: ComparisonReport = {
  file: "compare.html",
  render: (comparison) => page(comparison).markup,
};

const labels = ({ configurations }: Comparison): string => configurations.map(({ label }) => label).join(", ");

const page = (comparison: Comparison): Markup => markup`${trusted("<!doctype html>")}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${comparisonPolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${words[comparison.verdict]}: ${labels(comparison)}</title>
${styles.map((text) => markup`<style>${trusted(text)}</style>\n`)}</head>
<body>
<main>
<header id="verdict" class="${comparison.verdict}">
<p class="over">Whitewater <span>comparison of ${labels(comparison)}</span></p>
<h1><strong>${words[comparison.verdict]}</strong> <span>${comparison.sentence}</span></h1>
${
  comparison.reasons.length > 0 &&
  markup`<ul class="reasons">${comparison.reasons.map((reason) => markup`<li>${reason}</li>`)}</ul>`
}
</header>
${promises(comparison)}
${speed(comparison)}
${latency(comparison)}
${method(comparison)}
</main>
<footer>Comparison ${comparison.id}, told by Whitewater from the record of each round.</footer>
<script type="application/json" id="data">${trusted(embedded({ curves: curvesData(comparison) }))}</script>
${comparisonScripts.map((text) => markup`<script>${trusted(text)}</script>\n`)}</body>
</html>
`;

const promises = (comparison: Comparison): Markup =>
  part(
    "promises",
    "Did they keep their promises?",
    "Every round was judged by all checks, as a run is. One that broke a promise in any of them is broken, " +
      "however fast it is.",
    table(
      [
        { title: "Configuration", cell: ({ label }) => label },
        {
          title: "Verdict",
          cell: (one) =>
            one.promises.verdict === "pass"
              ? promiseLine(one)
              : markup`<span class="${one.promises.verdict === "fail" ? "bad" : "none"}">${promiseLine(one)}</span>`,
        },
        {
          title: "Evidence",
          cell: ({ promises: { broken } }) =>
            broken.length === 0
              ? dash
              : broken.map(
                  ({ guarantee, where, violations, what }) =>
                    markup`<div>${guarantee}, ${where}: ${number(violations)}, such as: ${what}</div>`,
                ),
        },
      ],
      byPromises(comparison),
      "prose",
    ),
  );

function speed(comparison: Comparison): Markup {
  const { configurations } = comparison;
  return part(
    "speed",
    "How fast were they?",
    "Jobs and times are from the record of each round. A ratio stands with the interval that holds it in 95 of 100 " +
      "such comparisons; where it does not clear the margin, no difference was seen.",
    markup`
${comparison.pairs.map((pair) => markup`<h3>${pairSentence(comparison, pair)}</h3>${intervals(pair)}`)}
${table(
  [
    {
      title: "Ratio",
      cell: ({ pair, ratio }) =>
        `${labelOf(comparison, pair.other)} / ${labelOf(comparison, pair.base)}: ${wordings[ratio.figure].title}`,
    },
    { title: "95 % interval", figure: true, cell: ({ ratio }) => interval(ratio) },
    { title: "Says", cell: ({ ratio }) => (ratio.says === "no difference seen" ? ratio.says : said(ratio)) },
    { title: "Margin", figure: true, cell: ({ ratio }) => `${ratio.margin * 100} %` },
    { title: "Laps", figure: true, cell: ({ ratio }) => number(ratio.laps) },
  ],
  comparison.pairs.flatMap((pair) => pair.ratios.map((ratio) => ({ pair, ratio }))),
)}
<h3>Figures</h3>
${table<{ readonly title: string; readonly about: string; readonly value: (one: Configuration) => string | undefined }>(
  [
    { title: "", cell: ({ title, about }) => markup`${title}<br><span class="none">${about}</span>` },
    ...configurations.map((one) => ({
      title: one.label,
      figure: true as const,
      cell: ({ value }: { readonly value: (one: Configuration) => string | undefined }) => value(one) ?? dash,
    })),
  ],
  [
    ...figureNames.map((name) => ({
      title: wordings[name].title,
      about: wordings[name].about,
      value: ({ figures: { [name]: value } }: Configuration) =>
        value === undefined ? undefined : wordings[name].written(value),
    })),
    {
      title: "throughput by the wall clock, jobs/s",
      about: "all backlogs, from the first start to the last settlement of each, whatever else the machine did",
      value: ({ wallJobsPerSecond: rate }) => (rate === undefined ? undefined : wordings.jobsPerSecond.written(rate)),
    },
  ],
)}`,
  );
}

const latency = ({ configurations, method: { offeredPerSecond } }: Comparison): Markup =>
  part(
    "latency",
    "How long does a job take?",
    "From the moment at which a job was meant to be sent until it was settled, each under the same steady load of " +
      `${offeredPerSecond.toLocaleString("en-US")} jobs a second, below what the slowest carries.`,
    markup`
<div class="plots">${drawing(
      "End to end",
      "Each further nine takes the same width.",
      markup`<div class="plot" data-curves="${curves}"></div>`,
    )}</div>
${table(
  [
    { title: "ms", cell: ({ label }) => label },
    ...(["p50", "p90", "p99", "p999", "max"] as const).map((name) => ({
      title: name === "p999" ? "p99.9" : name,
      figure: true as const,
      cell: ({ latency: all }: Configuration) => (all === undefined ? dash : spaced(latencyText(all, all[name]))),
    })),
    { title: "jobs", figure: true, cell: (one) => orDash(one.latency?.jobs, number) },
  ],
  configurations,
)}`,
  );

function curvesData({ configurations }: Comparison): { readonly [name: string]: CurvesData[string] } {
  const measured = configurations.flatMap(({ label, latency: value }) =>
    value === undefined ? [] : [[label, value] as const],
  );
  return {
    [curves]: coloured(measured).map(({ label, colour, value }) => ({
      label,
      colour,
      weight: "whole",
      ...curve(value.curve, value.jobs),
    })),
  };
}

const method = (comparison: Comparison): Markup =>
  part(
    "repeat",
    "How it was done, and how to repeat it",
    `${methodLine(comparison)}.`,
    markup`
<div class="command"><pre><code>${comparison.repeat}</code></pre></div>
<div class="columns three">
<div><h3>Load</h3>${anyValue(comparison.method.load)}</div>
<div><h3>Versions</h3>${pairs(comparison.environment.versions)}</div>
<div><h3>Machine</h3>${pairs({ ...comparison.environment.machine, commit: comparison.environment.commit })}</div>
${comparison.configurations.map(
  ({ label, settings }) => markup`<div><h3>Settings of ${label}</h3>${anyValue(settings)}</div>`,
)}
<div><h3>Store, ${comparison.environment.store.profile}</h3>${pairs(comparison.environment.store.settings)}</div>
</div>`,
  );
