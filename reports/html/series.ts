/**
 * Series as the page's script draws them: at most as many points as a plot can show, and in seconds since the load
 * began.
 */
import type { Series } from "../../measures/contract.ts";
import type { Result } from "../contract.ts";
import { nsPerSecond } from "../life.ts";
import { markup, type Markup } from "../markup.ts";
import type { Named } from "../reading.ts";
import { drawing } from "./cells.ts";
import { coloured, figures, type SeriesData } from "./data.ts";

/**
 * An hour of seconds. A longer run has a point for some seconds together, or its page would grow without anyone seeing
 * more.
 */
const pointsMost = 3600;

const secondsPerPoint = (series: Series): number => Math.max(1, Math.ceil(series.at.length / pointsMost));

export function seriesData(result: Result, series: Series): SeriesData {
  const shift = result.phases.loadFrom / nsPerSecond;
  const every = secondsPerPoint(series);
  const stacked = series.stacked === true;
  // A part that is nothing all the time is no part.
  const lines = Object.entries(series.lines).filter(
    ([, values]) => !stacked || values.some((value) => (value ?? 0) > 0),
  );
  return {
    unit: series.unit,
    stacked,
    at: series.at.filter((_, i) => i % every === 0).map((second) => Math.round((second - shift) * 1000) / 1000),
    lines: coloured(lines).map(({ label, colour, value }) => ({
      label,
      colour,
      values: figures(grouped(value, every, groupOf[series.unit])),
    })),
  };
}

type Group = (values: readonly number[]) => number;

const most: Group = (values) => Math.max(...values);
const mean: Group = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What some seconds together show: what was worst in them, or what they came to. */
const groupOf: Readonly<Record<Series["unit"], Group>> = {
  ms: most,
  jobs: most,
  "jobs/s": mean,
  "%": most,
  processes: (values) => Math.min(...values),
};

function grouped(values: readonly (number | null)[], every: number, group: Group): readonly (number | null)[] {
  if (every === 1) return values;
  return Array.from({ length: Math.ceil(values.length / every) }, (_, i) => {
    const some = values.slice(i * every, (i + 1) * every).filter((value) => value !== null);
    return some.length === 0 ? null : group(some);
  });
}

/** A place in the page where the script draws it. */
export function seriesPlot({ name, title, about, measured }: Named<Series>): Markup {
  const every = secondsPerPoint(measured);
  const axis = measured.unit === "ms" ? " In ms, on a logarithmic axis." : "";
  const points = every > 1 ? ` Each point stands for ${every} s.` : "";
  return drawing(title, about + axis + points, markup`<div class="plot" data-series="${name}"></div>`);
}
