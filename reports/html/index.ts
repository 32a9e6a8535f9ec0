/**
 * report.html: the whole run as one file that needs nothing else, opens from a disk or a CI artifact, and answers in
 * this order: did it keep its promises, what happened when, how fast was it, how soon was it back, was the load as
 * planned, how to repeat it.
 */
import type { Reporter, Result } from "../contract.ts";
import { markup, trusted, type Markup } from "../markup.ts";
import { policy, scripts, styles } from "./assets.ts";
import { embedded } from "./data.ts";
import { guarantees } from "./guarantees.ts";
import { headline, words } from "./headline.ts";
import { curvesData, latency } from "./latency.ts";
import { load } from "./load.ts";
import { recovery } from "./recovery.ts";
import { repeat } from "./repeat.ts";
import { timeline, timelineData } from "./timeline.ts";

export const html: Reporter = {
  file: "report.html",
  about:
    "the whole run as one page that opens anywhere: verdict, evidence, time line, latency, recovery, how to repeat it",
  render: (result) => page(result).markup,
};

const chapters = [
  ["guarantees", "Promises"],
  ["timeline", "Timeline"],
  ["latency", "Latency"],
  ["recovery", "Recovery"],
  ["load", "Load"],
  ["repeat", "Repeat"],
] as const;

const page = (result: Result): Markup => markup`${trusted("<!doctype html>")}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${words[result.verdict]}: ${result.run.scenario.name} on ${result.run.system.name}</title>
${styles.map((text) => markup`<style>${trusted(text)}</style>\n`)}</head>
<body>
<main>
${headline(result)}
<nav aria-label="Parts of this report">${chapters.map(([id, title]) => markup`<a href="#${id}">${title}</a>`)}</nav>
${guarantees(result)}
${timeline(result)}
${latency(result)}
${recovery(result)}
${load(result)}
${repeat(result)}
</main>
<footer>Run ${result.run.id}, told by Whitewater from the run's own record.</footer>
<script type="application/json" id="data">${trusted(
  embedded({ timeline: timelineData(result), curves: curvesData(result) }),
)}</script>
${scripts.map((text) => markup`<script>${trusted(text)}</script>\n`)}</body>
</html>
`;
