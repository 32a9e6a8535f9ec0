/** The fifth part: for each fault, how long the jobs that it caught waited until they ran again, against the bound. */
import type { PerIncident, RecoveryFigure } from "../../measures/contract.ts";
import type { Result } from "../contract.ts";
import { duration } from "../figures.ts";
import { markup, type Markup } from "../markup.ts";
import { perIncident, recoveryBoundMs, type Named } from "../reading.ts";
import { drawing, ms, number, orDash, part, table } from "./cells.ts";
import { faultAnchor } from "./families.ts";
import { ticksBetween } from "./ticks.ts";

type Row = PerIncident["rows"][number];

export function recovery(result: Result): Markup {
  const measures = perIncident(result);
  const bound = recoveryBoundMs(result);
  return part(
    "recovery",
    "How soon was it back?",
    bound === undefined
      ? "The system claims no bound."
      : `From the first caught job that ran again to the last, for each fault. The system promises ${duration(bound)}.`,
    measures.every(({ measured }) => measured.rows.every(({ exposed }) => exposed === 0))
      ? markup`<p>No fault caught a job.</p>`
      : measures.map((measure) => one(measure, bound)),
  );
}

function one({ title, about, measured }: Named<PerIncident>, bound: number | undefined): Markup {
  const over = ({ atLeast, ...row }: Row, name: RecoveryFigure): Markup => {
    const value = row[name];
    const written = markup`${atLeast.includes(name) && "≥ "}${orDash(value, ms)}`;
    return bound !== undefined && value !== null && value > bound
      ? markup`<span class="bad">${written}</span>`
      : written;
  };
  const open = measured.rows.some((row) => row.open > 0);
  const rows = measured.rows.filter(({ exposed }) => exposed > 0);
  const idle = measured.rows.filter(({ exposed }) => exposed === 0);
  const plotted = rows.some(({ last }) => last !== null);
  const key = plotted ? " Open dot: the first job; bar: half of them; full dot: the last." : "";
  return markup`
${drawing(title, about + key, plotted && dotPlot(rows, bound))}
${folded(
  rows.length,
  table<Row>(
    [
      { title: "Fault", cell: ({ incident }) => markup`<a href="#${faultAnchor(incident)}">${incident}</a>` },
      { title: "jobs caught", figure: true, cell: ({ exposed }) => number(exposed) },
      ...(open
        ? [{ title: "never went on", figure: true as const, cell: ({ open: never }: Row) => number(never) }]
        : []),
      { title: "first again, ms", figure: true, cell: (row) => over(row, "first") },
      { title: "p50, ms", figure: true, cell: (row) => over(row, "p50") },
      { title: "last again, ms", figure: true, cell: (row) => over(row, "last") },
    ],
    rows,
  ),
)}
${
  idle.length > 0 &&
  markup`<p class="note">No job was caught by ${idle.map(({ incident }) => incident).join(", ")}.</p>`
}`;
}

/** A table longer than the plot that says the same stands folded. */
const rowsOpen = 14;
const folded = (rows: number, all: Markup): Markup =>
  rows <= rowsOpen
    ? all
    : markup`<details class="fold"><summary>The same of ${rows} faults in figures</summary>${all}</details>`;

const width = 860;
const gutter = 178;
const margin = 60;
const lane = 22;

function dotPlot(rows: readonly Row[], bound: number | undefined): Markup {
  const most = Math.max(bound ?? 0, ...rows.map(({ last }) => last ?? 0)) * 1.04;
  const x = (value: number): string => (gutter + (value / most) * (width - gutter - margin)).toFixed(1);
  const bottom = 18 + rows.length * lane;
  const ticks = ticksBetween(0, most / 1000, 7);
  return markup`<div class="wide"><svg class="lanes" viewBox="0 0 ${width} ${bottom + 26}"
role="img" aria-label="Time until caught jobs ran again, by fault">
${ticks.at.map(
  (s) => markup`<path class="grid" d="M${x(s * 1000)} 14V${bottom}"/>
<text class="tick" x="${x(s * 1000)}" y="${bottom + 16}">${s.toFixed(ticks.decimals)} s</text>`,
)}
${rows.map((row, i) => dots(row, 18 + i * lane + lane / 2, x, bound))}
${
  bound !== undefined &&
  markup`<path class="bound" d="M${x(bound)} 14V${bottom}"/>
<text class="bound" x="${x(bound)}" y="10">bound ${duration(bound)}</text>`
}
</svg></div>`;
}

function dots(
  { incident, open, atLeast, first, p50, last }: Row,
  y: number,
  x: (value: number) => string,
  bound: number | undefined,
): Markup {
  const name = markup`<text class="name" x="0" y="${y + 4}">${incident}</text>`;
  const aside = (left: number, text: string): Markup =>
    markup`<text class="aside" x="${left.toFixed(1)}" y="${y + 4}">${text}</text>`;
  if (first === null || last === null || atLeast.includes("first"))
    return markup`${name}
${aside(gutter, last === null ? "no job ran again" : `no job ran again, for at least ${duration(last)}`)}`;
  const late = bound !== undefined && last > bound ? " late" : "";
  const told = open === 0 ? `last after ${duration(last)}` : `${open} never, after at least ${duration(last)}`;
  const figure = last < 1000 ? duration(last) : `${(last / 1000).toFixed(1)} s`;
  return markup`${name}
<path class="range${late}" d="M${x(first)} ${y}H${x(last)}"/>
<circle class="first" cx="${x(first)}" cy="${y}" r="3.5"><title>first after ${duration(first)}</title></circle>
${
  p50 !== null &&
  markup`<path class="median" d="M${x(p50)} ${y - 5}v10"><title>half after ${duration(p50)}</title></path>`
}
<circle class="last${late}" cx="${x(last)}" cy="${y}" r="4.5"><title>${told}</title></circle>
${aside(Number(x(last)) + 10, `${open > 0 ? "≥ " : ""}${figure}`)}`;
}
