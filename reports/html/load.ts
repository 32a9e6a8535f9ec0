/** The sixth part: was the load offered as planned, or was the harness itself the bottleneck? */
import type { Result } from "../contract.ts";
import { duration } from "../figures.ts";
import { processName, sinceLoad } from "../life.ts";
import { markup, type Markup } from "../markup.ts";
import { lateness, loadSeries } from "../reading.ts";
import { bottleneck } from "./bottleneck.ts";
import { dash, ms, number, orDash, pairs, part, table } from "./cells.ts";
import { seriesPlot } from "./series.ts";

export const load = (result: Result): Markup =>
  part(
    "load",
    "Was the load as planned?",
    "An open loop: jobs are sent when the plan says, whether or not the queue keeps up.",
    markup`<p class="answer"><b>Could the harness itself have been the bottleneck?</b> ${bottleneck(result)}</p>
<div class="plots">${loadSeries(result).map(seriesPlot)}</div>
<div class="columns">
<div><h3>Jobs</h3>${jobs(result)}</div>
<div><h3>Lateness of the generator</h3>${late(result)}
<h3>Pauses of the harness's own processes</h3>${pauses(result)}</div>
</div>`,
  );

function jobs({ jobs: all }: Result): Markup {
  const share = (some: number): string => {
    if (all.planned === 0) return "";
    const percent = (100 * some) / all.planned;
    if (some > 0 && some < all.planned && percent > 99.99) return "> 99.99 %";
    return `${percent.toFixed(Number.isInteger(percent) ? 0 : 2)} %`;
  };
  const rows: readonly (readonly [string, number])[] = [
    ["planned", all.planned],
    ["sent", all.sent],
    ["acknowledged", all.acknowledged],
    ...(all.duplicates === undefined || all.duplicates === 0
      ? []
      : [["of these as repetitions", all.duplicates] as const]),
    ["refused", all.refused],
    ["enqueue not answered", all.unknown],
    ["done", all.done],
    ["dead", all.dead],
    ["started more than once", all.startedMoreThanOnce],
  ];
  return table(
    [
      { title: "", cell: ([name]) => name },
      { title: "jobs", figure: true, cell: ([, value]) => number(value) },
      { title: "of those planned", figure: true, cell: ([, value]) => share(value) },
    ],
    rows,
  );
}

const late = (result: Result): Markup => {
  const rows = lateness(result).flatMap(({ measured: { summary, parts } }) => [
    { title: "all jobs", summary },
    ...Object.entries(parts).map(([title, part]) => ({ title, summary: part.summary })),
  ]);
  if (rows.length === 0) return markup`<p>Not measured.</p>`;
  return table(
    [
      { title: "ms", cell: ({ title }) => title },
      { title: "p50", figure: true, cell: ({ summary }) => orDash(summary?.p50, ms) },
      { title: "p99", figure: true, cell: ({ summary }) => orDash(summary?.p99, ms) },
      { title: "p99.9", figure: true, cell: ({ summary }) => orDash(summary?.p999, ms) },
      { title: "max", figure: true, cell: ({ summary }) => orDash(summary?.max, ms) },
    ],
    rows,
  );
};

function pauses(result: Result): Markup {
  const rows = result.processes.flatMap(({ incarnation, stalls }) =>
    stalls
      .filter(({ to }) => to > result.phases.loadFrom)
      .map((stall) => ({ name: processName(result, incarnation), ...stall })),
  );
  if (rows.length === 0) return markup`<p>None: every process that ran kept ticking.</p>`;
  const longest = rows.toSorted((a, b) => b.to - b.from - (a.to - a.from)).slice(0, 10);
  return markup`${table(
    [
      { title: "Process", cell: ({ name }) => name },
      { title: "at, s", figure: true, cell: ({ from }) => sinceLoad(result, from).toFixed(2) },
      { title: "for", figure: true, cell: ({ from, to }) => duration((to - from) / 1e6) },
    ],
    longest,
  )}${rows.length > longest.length && markup`<p class="note">The longest ${longest.length} of ${rows.length}.</p>`}`;
}

export const paths = (result: Result): Markup =>
  Object.keys(result.environment.paths).length === 0 ? dash : pairs(result.environment.paths);
