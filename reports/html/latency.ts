/** The fourth part: percentile curves on HdrHistogram's axis, and the same as a table. */
import type { Distribution, Figure, Percentiles, Spread } from "../../measures/contract.ts";
import type { Result } from "../contract.ts";
import { hgrm } from "../hgrm.ts";
import { markup, type Markup } from "../markup.ts";
import { isAtLeast, whatAtLeastMeans } from "../percentiles.ts";
import { endToEnd, latencies, uncorrected } from "../reading.ts";
import { dash, drawing, ms, number, part, table, type Column } from "./cells.ts";
import { coloured, curve, type PercentileCurve, type CurvesData } from "./data.ts";

const overall = "all latencies";

export function latency(result: Result): Markup {
  const all = latencies(result);
  const note = whatAtLeastMeans(result);
  const plot = (name: string, title: string, about: string): Markup =>
    drawing(title, about, markup`<div class="plot" data-curves="${name}"></div>`);
  return part(
    "latency",
    "How fast was it?",
    "Counted from the moment a job was meant to be sent, so a queue that stalls cannot hide its own delay. Each " +
      "further nine of the percentile takes the same width; milliseconds on a logarithmic axis.",
    all.length === 0
      ? markup`<p>No latency was measured.</p>`
      : markup`
<div class="plots">
${plot(overall, "All jobs", "One curve for each stretch of a job's way.")}
<div class="triple">${all.map(({ name, title, about }) => plot(name, title, about))}</div>
</div>
${table<Row>(
  [
    {
      title: "ms",
      cell: ({ title, piece }) => (piece === undefined ? title : markup`<span class="piece">${piece}</span>`),
    },
    ...figureColumns,
    { title: "jobs", figure: true, cell: ({ summary }) => (summary === undefined ? dash : number(summary.count)) },
  ],
  rowsOf(result),
  "latency",
)}
${note !== undefined && markup`<p class="note">${note} Where that begins, a curve is dotted.</p>`}
${endToEnd(result) !== undefined && download(result)}`,
  );
}

function download(result: Result): Markup {
  const address = `data:text/plain;charset=utf-8,${encodeURIComponent(hgrm.render(result))}`;
  const link = markup`<a download="latency.hgrm" href="${address}">Download latency.hgrm</a>`;
  return markup`<p class="download">${link} for HdrHistogram's own tools: end to end, all jobs.</p>`;
}

interface Row {
  readonly title: string;
  readonly piece: string | undefined;
  readonly summary: Percentiles | undefined;
}

const column = (title: string, name: Figure): Column<Row> => ({
  title,
  figure: true,
  cell: ({ summary }) =>
    summary === undefined ? dash : markup`${isAtLeast(summary, name) && "≥ "}${ms(summary[name])}`,
});

const figureColumns: readonly Column<Row>[] = [
  column("min", "min"),
  column("mean", "mean"),
  column("p50", "p50"),
  column("p90", "p90"),
  column("p99", "p99"),
  column("p99.9", "p999"),
  column("p99.99", "p9999"),
  column("max", "max"),
];

const rowsOf = (result: Result): readonly Row[] =>
  latencies(result).flatMap(({ title, measured }) => [
    { title, piece: undefined, summary: measured.summary },
    ...Object.entries(measured.parts).flatMap(([name, { summary }]) =>
      summary === undefined ? [] : [{ title, piece: name === uncorrected ? "from the real send" : name, summary }],
    ),
  ]);

/** Parts beyond the phases, such as one for each fault, stand in the table; that many curves would be a thicket. */
const drawn = ["before faults", "during faults", "after faults", uncorrected];

export function curvesData(result: Result): CurvesData {
  const all = latencies(result);
  const whole = coloured(all.map(({ title, measured }) => [title, measured]));
  return {
    [overall]: whole.flatMap(({ label, colour, value }) => {
      const real = value.parts[uncorrected];
      const beside = { label: `${label} from the real send`, colour };
      return [
        ...lines("whole", { label, colour, value }),
        ...(real === undefined ? [] : [line("uncorrected", { ...beside, value: real })]),
      ];
    }),
    ...Object.fromEntries(all.map(({ name, measured }) => [name, split(measured)])),
  };
}

function split(measured: Distribution): readonly PercentileCurve[] {
  const parts = drawn.flatMap((name): readonly [string, Spread][] => {
    const spread = measured.parts[name];
    return spread === undefined || spread.curve.length === 0 ? [] : [[name, spread]];
  });
  return [
    ...lines("whole", { label: "all", colour: "ink", value: measured }),
    ...coloured(parts).flatMap(({ label, colour, value }) =>
      label === uncorrected
        ? [line("uncorrected", { label, colour, value })]
        : lines("part", { label: label.replace(/ faults$/, ""), colour, value }),
    ),
  ];
}

type Drawn = Pick<PercentileCurve, "label" | "colour"> & { readonly value: Spread };

/** What is exact, and what is "at least", which is a line of its own. */
function lines(weight: PercentileCurve["weight"], { value, ...look }: Drawn): readonly PercentileCurve[] {
  const { curve: points, exactTo } = value;
  if (exactTo === undefined) return [line(weight, { ...look, value })];
  const part = (label: string, some: Spread["curve"], how: PercentileCurve["weight"]): readonly PercentileCurve[] =>
    some.length < 2 ? [] : [line(how, { ...look, label, value: { ...value, curve: some } })];
  return [
    ...part(
      look.label,
      points.filter(([percentile]) => percentile <= exactTo),
      weight,
    ),
    ...part(
      `${look.label}, at least`,
      points.filter(([percentile]) => percentile >= exactTo),
      "at least",
    ),
  ];
}

const line = (weight: PercentileCurve["weight"], one: Drawn): PercentileCurve => ({
  label: one.label,
  colour: one.colour,
  weight,
  ...curve(one.value.curve, one.value.summary?.count ?? 0),
});
