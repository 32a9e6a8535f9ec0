/** The third part: everything that was counted per second on one time axis, under the faults. */
import type { Incident } from "../../history/ledger.ts";
import type { Evidence } from "../../history/journal.ts";
import type { Result } from "../contract.ts";
import { deathsCounted, deathsTold, howEnded, whoseDoing } from "../deaths.ts";
import { duration, oneLine, plural } from "../figures.ts";
import { befell, processName, sinceLoad } from "../life.ts";
import { markup, type Markup, type Piece } from "../markup.ts";
import { loadSeries, seriesOf } from "../reading.ts";
import { dash, part, table } from "./cells.ts";
import type { TimelineData } from "./data.ts";
import { families, familyOf, faultAnchor } from "./families.ts";
import { seriesData, seriesPlot } from "./series.ts";

export function timeline(result: Result): Markup {
  const { incidents } = result;
  return part(
    "timeline",
    "What happened when?",
    "Seconds since the load began. Drag over any plot to zoom into all of them, double-click to see everything again.",
    markup`
<div class="plots">
${incidents.length > 0 && faultsPlot(incidents)}
${seriesOf(result).map(seriesPlot)}
<p class="scriptless">The plots are drawn by a script inside this file, which this viewer does not run. Download the
file and open it in a browser; every figure is in result.json.</p>
</div>
<div class="zoomed" hidden><output></output> <button type="button">Show all</button></div>
${incidents.length > 0 && proofs(result)}
${deaths(result)}`,
  );
}

/** A place in the page where the script draws the lanes, with the families of those that there were. */
function faultsPlot(incidents: readonly Incident[]): Markup {
  const seen = families.filter((family) => incidents.some(({ effect }) => familyOf(effect) === family));
  const keys = seen.map((family) => markup`<span class="key ${family}">${family}</span> `);
  return markup`<figure class="faults"><figcaption><b>Faults in force</b> <span class="keys">${keys}</span>
<output></output></figcaption><div class="plot" data-faults></div></figure>`;
}

function proofs(result: Result): Markup {
  const { incidents } = result;
  const title = `${plural(incidents.length, "fault")}, with the proof of the bite and of the end`;
  return markup`<details class="fold"><summary>${title}</summary>${table(
    [
      { title: "Fault", cell: ({ id }) => id },
      { title: "from, s", figure: true, cell: ({ from }) => sinceLoad(result, from).toFixed(2) },
      { title: "for", figure: true, cell: ({ from, to }) => duration((to - from) / 1e6) },
      { title: "What befell whom", cell: befell },
      { title: "Proof that it bit", cell: ({ bit }) => proof(bit) },
      { title: "Proof that it was over", cell: ({ healed }) => proof(healed) },
    ],
    incidents,
    "prose",
    ({ id }) => faultAnchor(id),
  )}</details>`;
}

/** Open, unlike the faults: nobody planned these. */
function deaths(result: Result): Piece {
  const { deaths: all } = result;
  if (all.length === 0) return false;
  return markup`<details class="fold" open><summary>${deathsCounted(all)}</summary>${table(
    [
      { title: "Process", cell: ({ incarnation }) => processName(result, incarnation) },
      { title: "at, s", figure: true, cell: ({ at }) => sinceLoad(result, at).toFixed(2) },
      { title: "How", cell: (death) => markup`<span class="bad">${howEnded(death)}</span>, ${whoseDoing(death)}` },
      {
        title: "Its last words",
        cell: ({ lastWords }) =>
          lastWords.length === 0 ? dash : markup`${lastWords.map((line) => markup`${line}<br/>`)}`,
      },
    ],
    all.slice(0, deathsTold),
    "prose",
  )}${all.length > deathsTold && markup`<p class="note">The first ${deathsTold} of them.</p>`}</details>`;
}

const proof = (evidence: Evidence | undefined): Markup =>
  evidence === undefined
    ? markup`<span class="bad">none</span>`
    : evidence.proven
      ? markup`${oneLine(evidence.facts) || dash}`
      : markup`<span class="bad">not proven: ${evidence.why}</span>`;

export function timelineData(result: Result): TimelineData {
  const seconds = (at: number): number => Math.round(sinceLoad(result, at) * 1000) / 1000;
  return {
    rows: rowsOf(result.incidents).map((faults) => ({
      name: faults[0].fault,
      family: familyOf(faults[0].effect),
      faults: faults.map((incident) => ({
        id: incident.id,
        anchor: faultAnchor(incident.id),
        label: incident.id.startsWith(`${incident.fault}-`) ? incident.id.slice(incident.fault.length + 1) : "",
        from: seconds(incident.from),
        to: seconds(incident.to),
        told: befell(incident),
      })),
    })),
    loadTo: seconds(result.phases.loadTo),
    drainTo: seconds(result.phases.drainTo),
    series: Object.fromEntries(
      [...seriesOf(result), ...loadSeries(result)].map(({ name, measured }) => [name, seriesData(result, measured)]),
    ),
  };
}

type Row = readonly [Incident, ...Incident[]];

/** Faults of one name and one effect make a row; what takes hold of the same thing stands together. */
function rowsOf(incidents: readonly Incident[]): readonly Row[] {
  const rows = new Map<string, [Incident, ...Incident[]]>();
  for (const incident of incidents) {
    const key = `${incident.effect} ${incident.fault}`;
    const row = rows.get(key);
    if (row === undefined) rows.set(key, [incident]);
    else row.push(incident);
  }
  const rank = ([{ effect }]: Row): number => families.indexOf(familyOf(effect));
  return [...rows.values()].toSorted((a, b) => rank(a) - rank(b));
}
