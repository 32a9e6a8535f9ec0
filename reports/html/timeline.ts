/** The third part: everything that was counted per second on one time axis, under the faults. */
import type { Result } from "../contract.ts";
import { duration, oneLine, plural } from "../figures.ts";
import { sinceLoad } from "../life.ts";
import { markup, type Markup } from "../markup.ts";
import { seriesOf } from "../reading.ts";
import type { Evidence } from "../../history/journal.ts";
import { dash, part, table } from "./cells.ts";
import { coloured, figures, type TimelineData } from "./data.ts";

export function timeline(result: Result): Markup {
  const series = seriesOf(result);
  const { incidents } = result;
  return part(
    "timeline",
    "What happened when?",
    "Seconds since the load began. Drag over any plot to zoom into all of them, double-click to see everything again.",
    markup`
<div class="plots" data-plots="timeline">
${incidents.length > 0 && markup`<figure class="faults"><figcaption><b>Faults in force</b> <output></output></figcaption><div class="plot" data-faults></div></figure>`}
${series.map(({ name, title, about, measured }) => markup`<figure><figcaption><b>${title}</b> <span>${about} ${measured.unit === "ms" ? "In ms, on a logarithmic axis." : ""}</span></figcaption><div class="plot" data-series="${name}"></div></figure>`)}
<p class="scriptless">The plots are drawn by a script inside this file, which this viewer does not run. Download the file and open it in a browser; every figure is in result.json.</p>
</div>
${
  incidents.length > 0 &&
  markup`<details class="fold"><summary>${plural(incidents.length, "fault")}, with the proof of the bite and of the end</summary>${table(
    [
      { title: "Fault", cell: ({ id }) => id },
      { title: "from, s", figure: true, cell: ({ from }) => sinceLoad(result, from).toFixed(2) },
      { title: "for", figure: true, cell: ({ from, to }) => duration((to - from) / 1e6) },
      { title: "hit", cell: ({ touches }) => touches.join(", ") },
      { title: "Proof that it bit", cell: ({ bit }) => proof(bit) },
      { title: "Proof that it was over", cell: ({ healed }) => proof(healed) },
    ],
    incidents,
    "prose",
  )}</details>`
}`,
  );
}

const proof = (evidence: Evidence | undefined): Markup =>
  evidence === undefined
    ? markup`<span class="bad">none</span>`
    : evidence.proven
      ? markup`${oneLine(evidence.facts) || dash}`
      : markup`<span class="bad">not proven: ${evidence.why}</span>`;

export function timelineData(result: Result): TimelineData {
  const seconds = (at: number): number => Math.round(sinceLoad(result, at) * 1000) / 1000;
  const shift = result.phases.loadFrom / 1e9;
  return {
    faults: result.incidents.map(({ id, fault, effect, from, to, touches }) => ({
      id,
      fault,
      effect,
      from: seconds(from),
      to: seconds(to),
      touches: touches.join(", "),
    })),
    loadTo: seconds(result.phases.loadTo),
    drainTo: seconds(result.phases.drainTo),
    series: Object.fromEntries(
      seriesOf(result).map(({ name, measured: { unit, at, lines } }) => [
        name,
        {
          unit,
          at: at.map((second) => Math.round((second - shift) * 1000) / 1000),
          lines: coloured(Object.entries(lines)).map(({ label, colour, value }) => ({
            label,
            colour,
            values: figures(value),
          })),
        },
      ]),
    ),
  };
}
