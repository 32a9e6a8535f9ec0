/** For the summary of a CI job: GitHub's Markdown, the verdict first, evidence folded away. */
import type { Percentiles, PerIncident, RecoveryFigure } from "../measures/contract.ts";
import type { Guarantee, Reporter, Result } from "./contract.ts";
import { deathsCounted, deathsTold, howEnded, whoseDoing } from "./deaths.ts";
import { count, duration, milliseconds } from "./figures.ts";
import { legible } from "./markup.ts";
import { code, plain, table } from "./markdown-text.ts";
import { inForce, processName, sinceLoad, told } from "./life.ts";
import { bounded, whatAtLeastMeans, written } from "./percentiles.ts";
import {
  acknowledgedText,
  bites,
  blindText,
  byUrgency,
  exposed,
  figure,
  latencies,
  leftOutOf,
  paceOf,
  paceText,
  perIncident,
  priorityParts,
  recordText,
  recoveryBoundMs,
  standing,
  type Standing,
} from "./reading.ts";

const signs: Readonly<Record<Standing, string>> = {
  pass: "✅ held",
  fail: "❌ broken",
  unknown: "⚠️ unknown",
  unexposed: "⚠️ not exposed",
  untried: "▫️ not tried",
  "not-claimed": "▫️ not claimed",
  "not-observable": "▫️ not observable",
};

const headings = { pass: "✅ Pass", fail: "❌ Fail", unknown: "⚠️ Unknown" } as const;

export const markdown: Reporter = {
  file: "summary.md",
  about: "the verdict and its figures for a CI job's page",
  render: (result) =>
    legible(
      [
        `## ${headings[result.verdict]}: ${plain(result.sentence)}`,
        facts(result),
        result.reasons.map((reason) => `- ${plain(reason)}`).join("\n"),
        guarantees(result),
        examples(result),
        deaths(result),
        latency(result),
        recovery(result),
        `Run it again:\n\n${fenced(result.run.repeat)}`,
      ]
        .filter((part) => part !== "")
        .map((part) => `${part}\n`)
        .join("\n"),
    ),
};

function facts(result: Result): string {
  const { run, jobs, environment } = result;
  const { bit, of } = bites(result);
  const versions = Object.entries(environment.versions).map(([name, version]) => `${name} ${version}`);
  const pace = paceOf(result);
  const blind = blindText(result);
  const record = recordText(result);
  return [
    `**${plain(run.scenario.name)}** on **${plain(run.system.name)}** (${plain(run.system.profile)}), ` +
      `seed ${code(run.seed)}, ${duration(run.seconds * 1000)}`,
    `${count(jobs.sent)} jobs sent, ${acknowledgedText(jobs)}, ${count(jobs.done)} done, ${count(jobs.dead)} dead`,
    ...(pace === undefined ? [] : [paceText(pace)]),
    `${bit} of ${of} faults bit`,
    ...leftOutOf(result).map((what) => `Without ${plain(what)}`),
    ...(blind === undefined ? [] : [`Not to be seen here: ${blind}`]),
    ...(record === undefined ? [] : [`Of the record: ${plain(record)}`]),
    plain(versions.join(", ")),
  ].join("<br>\n");
}

const guarantees = (result: Result): string =>
  table(
    ["Guarantee", "", "Exposed", "What was seen"],
    "llrl",
    byUrgency(result).map((one) => {
      const jobs = exposed(one);
      return [code(one.name), signs[standing(one)], jobs === undefined ? "" : count(jobs), plain(seen(one))];
    }),
  );

const seen = (guarantee: Guarantee): string =>
  guarantee.verdict === "pass" && guarantee.threshold === undefined ? "no violation" : figure(guarantee);

/** How many lives are told for each broken guarantee; result.json has them all. */
const livesTold = 3;

function examples(result: Result): string {
  const parts: string[] = [];
  for (const guarantee of result.guarantees) {
    if (guarantee.verdict !== "fail" || !guarantee.claimed) continue;
    for (const { job, what, life } of guarantee.examples.slice(0, livesTold)) {
      const rows = life.map((event) => [
        sinceLoad(result, event.at).toFixed(4),
        processName(result, event.incarnation),
        told(event),
        inForce(result, event.at, event.incarnation)
          .map(({ id }) => id)
          .join(", "),
      ]);
      const title = job === undefined ? what : `job ${job}: ${what}`;
      const lines = table(["s", "Process", "What", "Faults in force"], "rlll", rows);
      parts.push(`<details><summary>${code(guarantee.name)} ${plain(title)}</summary>\n\n${lines}\n\n</details>`);
    }
  }
  return parts.join("\n\n");
}

/** In the open, unlike the lives of jobs: nobody planned them. */
function deaths(result: Result): string {
  const { deaths: all } = result;
  if (all.length === 0) return "";
  const rows = all
    .slice(0, deathsTold)
    .map((death) => [
      sinceLoad(result, death.at).toFixed(2),
      processName(result, death.incarnation),
      `${howEnded(death)}, ${whoseDoing(death)}`,
      death.lastWords.map(plain).join("<br>"),
    ]);
  const more = all.length > deathsTold ? `\n\nThe first ${deathsTold} of them.` : "";
  return `${deathsCounted(all)}:\n\n${table(["s", "Process", "How", "Its last words"], "rlll", rows)}${more}`;
}

function latency(result: Result): string {
  const row = (name: string, all: Percentiles): readonly string[] => [
    name,
    ...(["p50", "p90", "p99", "p999", "max"] as const).map((figure) => written(all, figure)),
    count(all.count),
  ];
  const rows = latencies(result).flatMap(({ title, measured }) =>
    measured.summary === undefined
      ? []
      : [
          row(title, measured.summary),
          ...priorityParts(measured).map(({ name, summary }) => row(`${title}, ${plain(name)}`, summary)),
        ],
  );
  if (rows.length === 0) return "";
  const note = whatAtLeastMeans(result);
  const figures = table(["ms", "p50", "p90", "p99", "p99.9", "max", "jobs"], "lrrrrrr", rows);
  return note === undefined ? figures : `${figures}\n\n${plain(note)}`;
}

function recovery(result: Result): string {
  const rows = perIncident(result).flatMap(({ measured }) => measured.rows);
  if (rows.length === 0) return "";
  const bound = recoveryBoundMs(result);
  const figure = ({ atLeast, ...row }: PerIncident["rows"][number], name: RecoveryFigure): string => {
    const value = row[name];
    return value === null ? "–" : bounded(milliseconds(value), atLeast.includes(name));
  };
  const title = `Started again after each fault, ms${bound === undefined ? "" : ` (bound ${milliseconds(bound)})`}`;
  return table(
    [title, "jobs", "never", "first", "p50", "last"],
    "lrrrrr",
    rows.map((row) => [
      plain(row.incident),
      count(row.exposed),
      count(row.open),
      figure(row, "first"),
      figure(row, "p50"),
      figure(row, "last"),
    ]),
  );
}

function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}sh\n${text}\n${fence}`;
}
