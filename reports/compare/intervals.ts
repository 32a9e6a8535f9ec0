/** A pair's ratios as intervals on one axis, 1 in the middle, drawn without a script. */
import { markup, type Markup } from "../markup.ts";
import type { Pair, Ratio } from "./contract.ts";
import { interval, wordings } from "./words.ts";

const [width, left, right, rowHeight] = [760, 150, 24, 26];

export function intervals({ ratios }: Pair): Markup {
  if (ratios.length === 0) return markup``;
  const reach = Math.log(Math.max(1.1, ...ratios.flatMap(({ from, to }) => [to, 1 / from]))) * 1.05;
  const x = (value: number): string => (left + ((Math.log(value) / reach + 1) / 2) * (width - left - right)).toFixed(1);
  const height = rowHeight * ratios.length + 24;
  const ends = [Math.exp(-reach), 1, Math.exp(reach)];
  const tick = (value: number): Markup =>
    markup`<line class="grid" x1="${x(value)}" x2="${x(value)}" y1="4" y2="${height - 20}"/>
<text class="tick" x="${x(value)}" y="${height - 6}">${value === 1 ? "1 x" : `${value.toPrecision(3)} x`}</text>`;
  const row = (ratio: Ratio, index: number): Markup => {
    const y = rowHeight * index + 18;
    return markup`<g><title>${interval(ratio)}</title>
<text class="name" x="0" y="${y + 4}">${wordings[ratio.figure].title}</text>
<line class="range" x1="${x(ratio.from)}" x2="${x(ratio.to)}" y1="${y}" y2="${y}"/>
<circle class="last" cx="${x(ratio.ratio)}" cy="${y}" r="4"/></g>`;
  };
  return markup`<div class="wide"><svg class="lanes" viewBox="0 0 ${width} ${height}"
role="img" aria-label="Ratios with their intervals">
${ends.map(tick)}
${ratios.map(row)}
</svg></div>`;
}
