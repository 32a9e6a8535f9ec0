/** The second part: a row for each guarantee, which opens to its evidence. */
import type { Example } from "../../checks/contract.ts";
import type { LifeEvent } from "../../history/ledger.ts";
import type { Guarantee, Result } from "../contract.ts";
import { count, plural } from "../figures.ts";
import { inForce, processName, sinceLoad, told } from "../life.ts";
import { markup, type Markup, type Piece } from "../markup.ts";
import { blindText, byUrgency, exposed, standing, type Standing } from "../reading.ts";
import { anyValue, dash, ms, number, orDash, part, table } from "./cells.ts";
import { faultAnchor, guaranteeAnchor } from "./families.ts";
import { extentOf, lifeDrawing } from "./life-drawing.ts";

const says: Readonly<Record<Standing, string>> = {
  pass: "held",
  fail: "broken",
  unknown: "unknown",
  unexposed: "not exposed",
  untried: "not tried",
  "not-claimed": "not claimed",
  "not-observable": "not observable",
};

export const guarantees = (result: Result): Markup =>
  part(
    "guarantees",
    "Did it keep its promises?",
    "Every row opens to its evidence. Judged is all that was looked at; exposed is what of it this run could have " +
      "hurt, as each paragraph says: a promise with nothing exposed was not tried.",
    markup`<div class="wide"><table class="guarantees">
<thead><tr><th scope="col">Guarantee</th><th scope="col">Verdict</th><th scope="col">Threatened</th>
<th scope="col" class="figure">Judged</th><th scope="col" class="figure">Exposed</th>
<th scope="col" class="figure">Violations</th></tr></thead>
${byUrgency(result).map((guarantee) => row(result, guarantee))}
</table></div>${blind(result)}`,
  );

/** Beside what was seen stands what could not have been. */
function blind(result: Result): Piece {
  const text = blindText(result);
  return text === undefined ? "" : markup`<p class="reason">What this run's own faults would have hidden: ${text}.</p>`;
}

function row(result: Result, guarantee: Guarantee): Markup {
  const how = standing(guarantee);
  const { threshold } = guarantee;
  const judged = "judged" in guarantee ? guarantee.judged : undefined;
  const violations = guarantee.verdict === "fail" ? guarantee.violations : guarantee.verdict === "pass" ? 0 : undefined;
  return markup`<tbody id="${guaranteeAnchor(guarantee.name)}" class="${how}">
<tr><th scope="row">${guarantee.name}</th>
<td><span class="mark">${threshold !== undefined && how === "fail" ? "missed" : says[how]}</span>${
    threshold !== undefined && markup` ${threshold.said}`
  }</td>
<td>${guarantee.exercised ? "on purpose" : dash}</td><td class="figure">${orDash(judged, number)}</td>
<td class="figure">${orDash(exposed(guarantee), number)}</td><td class="figure">${orDash(violations, number)}</td></tr>
<tr class="more"><td colspan="6"><details${how === "fail" && markup` open`}><summary>${guarantee.about}</summary>
${evidence(result, guarantee)}</details></td></tr>
</tbody>
`;
}

function evidence(result: Result, guarantee: Guarantee): Markup {
  const endsRun =
    guarantee.threshold?.endsRun === true
      ? "The run was to end as soon as this could no longer be held, whatever the jobs still to come would take."
      : undefined;
  const reasons = [reasonOf(guarantee), endsRun].filter((reason) => reason !== undefined);
  return markup`<div class="evidence">${reasons.map((reason) => markup`<p class="reason">${reason}</p>`)}
<div class="columns"><div><h4>Counts</h4>${anyValue("counts" in guarantee ? guarantee.counts : {})}</div>
<div><h4>Terms</h4>${anyValue(guarantee.terms)}</div></div>${
    guarantee.verdict === "fail" && examples(result, guarantee.examples, guarantee.violations)
  }</div>`;
}

/** Why its verdict counts for no more than it does. */
function reasonOf(guarantee: Guarantee): string | undefined {
  if ("reason" in guarantee) return guarantee.reason;
  if (standing(guarantee) === "unexposed")
    return "The scenario means to threaten it, but no job was exposed: nothing is proven.";
  if (standing(guarantee) === "untried") return "Nothing in this run could have broken it, so nothing is said of it.";
  if (guarantee.waived !== undefined) return `The system waives it: ${guarantee.waived}`;
  if (!guarantee.claimed)
    return "The system does not claim it. It was judged by neutral terms, and cannot fail the run.";
  return undefined;
}

/** More lives than anyone reads make the page heavy; result.json has all that were kept. */
const livesShown = 12;

function examples(result: Result, all: readonly Example[], violations: number): Markup {
  const shown = all.slice(0, livesShown);
  const of = plural(violations, "violation");
  return markup`<h4>${shown.length === violations ? of : `Examples: ${count(shown.length)} of ${of}`}</h4>
${shown.map((example, i) => life(result, example, i === 0))}`;
}

function life(result: Result, { job, what, life: events, span }: Example, open: boolean): Markup {
  const sent = events.find(({ kind }) => kind === "send") ?? events[0];
  if (sent === undefined)
    return markup`<p class="finding">${what}</p>
${span !== undefined && timelineLink(result, span, "this time")}
`;
  const name = job !== undefined && markup`<b>Job ${number(job)}</b> `;
  return markup`<details class="life"${open && markup` open`}><summary>${name}${withoutName(what, job)}</summary>
${lifeDrawing(result, events)}
${events.some(({ kind }) => kind !== "place") && toTimeline(result, job, events)}
${table(
  [
    { title: "s", figure: true, cell: ({ at }) => sinceLoad(result, at).toFixed(4) },
    {
      title: "after it was sent, ms",
      figure: true,
      cell: ({ at }) => ms((at - sent.at) / 1e6),
    },
    {
      title: "Process",
      cell: ({ incarnation, kind }) => (kind === "place" ? "final scan" : processName(result, incarnation)),
    },
    { title: "What happened", cell: told },
    {
      title: "Faults that hit the process then",
      cell: ({ at, incarnation }) => {
        const faults = inForce(result, at, incarnation);
        return faults.length === 0
          ? dash
          : faults.map(({ id }, i) => markup`${i > 0 && ", "}<a href="#${faultAnchor(id)}">${id}</a>`);
      },
    },
  ],
  events,
  "life",
)}</details>
`;
}

/** For the script: all plots show the time of this life, and where it begins and ends. */
function toTimeline(result: Result, job: number | undefined, events: readonly LifeEvent[]): Markup {
  return timelineLink(result, extentOf(result, events), job === undefined ? "this life" : `job ${job}`);
}

function timelineLink(result: Result, { from, to }: NonNullable<Example["span"]>, name: string): Markup {
  const seconds = (at: number): string => sinceLoad(result, at).toFixed(4);
  return markup`<p class="to-timeline"><a href="#timeline" data-from="${seconds(from)}" data-to="${seconds(to)}"
data-name="${name}">Show this time in all plots</a></p>`;
}

/** The sentence may begin with the job's name, which stands before it already. */
const withoutName = (what: string, job: number | undefined): string => what.replace(`Job ${job} `, "");
