/** The first part: did it keep its promises, in one line, and what was run. */
import type { Result } from "../contract.ts";
import { duration, milliseconds, plural } from "../figures.ts";
import { markup, type Markup, type Piece } from "../markup.ts";
import { isAtLeast, said } from "../percentiles.ts";
import { bites, endToEnd, recoveryBoundMs, slowestRecovery, standing } from "../reading.ts";
import { number } from "./cells.ts";
import { guaranteeAnchor } from "./families.ts";

export const words = { pass: "Pass", fail: "Fail", unknown: "Unknown" } as const;

export function headline(result: Result): Markup {
  const { run } = result;
  return markup`
<header id="verdict" class="${result.verdict}">
<p class="over">Whitewater <span>${run.scenario.name} on ${run.system.name}</span></p>
<h1><strong>${words[result.verdict]}</strong> <span>${result.sentence}</span></h1>
${
  result.reasons.length > 0 &&
  markup`<ul class="reasons">${result.reasons.map((reason) => markup`<li>${linked(result, reason)}</li>`)}</ul>`
}
<div class="tiles">${tiles(result).map(
    ({ title, value, note }) =>
      markup`<div><h3>${title}</h3><p class="value">${value}</p><p class="note">${note}</p></div>`,
  )}</div>
<dl class="facts">${facts(result).map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>`;
}

/** A reason that begins with a guarantee's name leads to its evidence. */
function linked({ guarantees }: Result, reason: string): Piece {
  const about = guarantees.find(({ name }) => reason.startsWith(`${name}:`));
  return about === undefined
    ? reason
    : markup`<a href="#${guaranteeAnchor(about.name)}">${about.name}</a>${reason.slice(about.name.length)}`;
}

interface Tile {
  readonly title: string;
  readonly value: Piece;
  readonly note: Piece;
}

const of = (some: number, all: number): Markup => markup`${number(some)}<small> of ${number(all)}</small>`;
const measured = (text: string): Markup => {
  const [value, ...unit] = text.split(" ");
  return markup`${value}<small> ${unit.join(" ")}</small>`;
};

function tiles(result: Result): readonly Tile[] {
  const { jobs } = result;
  const promised = result.guarantees.filter(({ claimed, promise }) => claimed && promise);
  const tried = promised.filter((guarantee) => standing(guarantee) !== "untried");
  const held = tried.filter((guarantee) => standing(guarantee) === "pass").length;
  const untried = promised.length - tried.length;
  const { bit, of: faults } = bites(result);
  const latency = endToEnd(result)?.measured.summary;
  const ends = [
    jobs.dead === 0 ? "no dead letters" : `and ${plural(jobs.dead, "dead letter")}`,
    ...(latency === undefined || latency.censored === 0 ? [] : [`${plural(latency.censored, "job")} never ended`]),
  ];
  const asked = result.guarantees.filter(({ threshold }) => threshold !== undefined);
  const fast = asked.filter(({ verdict }) => verdict === "pass").length;
  const all: Tile[] = [
    {
      title: "Promises kept",
      value: of(held, tried.length),
      note: untried === 0 ? "of those claimed" : `${untried} more not put to the test`,
    },
    ...(asked.length === 0
      ? []
      : [{ title: "Thresholds held", value: of(fast, asked.length), note: "how fast it had to be" }]),
    {
      title: "Faults that bit",
      value: of(bit, faults),
      note: faults === 0 ? "none were planned" : "proven by evidence",
    },
    {
      title: "Jobs done",
      value: number(jobs.done),
      note: ends.join(", "),
    },
  ];
  if (latency !== undefined)
    all.push({
      title: "End to end, p50",
      value: markup`${isAtLeast(latency, "p50") && "≥ "}${measured(duration(latency.p50))}`,
      note: `p99 ${said(latency, "p99")}, worst ${said(latency, "max")}`,
    });
  const slowest = slowestRecovery(result);
  const bound = recoveryBoundMs(result);
  if (slowest !== undefined) {
    const never = slowest.open === 0 ? "" : `, and ${plural(slowest.open, "job")} never went on`;
    all.push({
      title: "Slowest recovery",
      value: markup`${slowest.open > 0 && "≥ "}${measured(duration(slowest.ms))}`,
      note: `${bound === undefined ? "no bound is claimed" : `bound ${duration(bound)}`}${never}`,
    });
  }
  return all;
}

function facts(result: Result): readonly (readonly [string, Piece])[] {
  const { run, environment } = result;
  const { machine, store, versions } = environment;
  const clientLibraries = Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
  return [
    ["System", `${run.system.name}, profile ${run.system.profile}. ${run.system.about}`],
    ["Scenario", `${run.scenario.name}. ${run.scenario.about}`],
    ["Durability", store.profile],
    ["Length", `${duration(run.seconds * 1000)}, from ${run.startedAt.slice(0, 19).replace("T", " ")} UTC`],
    ["Seed", markup`<code>${run.seed}</code>`],
    ["Versions", clientLibraries],
    ["Machine", `${machine.platform}, ${machine.cpus} × ${machine.cpu}, ${milliseconds(machine.memoryGiB)} GiB`],
    [
      "Commit",
      environment.commit === null ? "not in a repository" : markup`<code>${environment.commit.slice(0, 12)}</code>`,
    ],
  ];
}
