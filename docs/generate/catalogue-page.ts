/**
 * docs/catalogue.md: every member of every catalogue, told from what it says about itself. No second description
 * anywhere.
 */
import { z } from "zod";
import type { Fault } from "../../chaos/contract.ts";
import { faults } from "../../chaos/index.ts";
import type { Check } from "../../checks/contract.ts";
import { checks } from "../../checks/index.ts";
import { ownersOfLateness } from "../../checks/lateness.ts";
import { claimsInForce } from "../../harness/verdict.ts";
import { boundsOf } from "../../history/bounds.ts";
import type { Measure } from "../../measures/contract.ts";
import { measures } from "../../measures/index.ts";
import type { Reporter } from "../../reports/contract.ts";
import { reports } from "../../reports/index.ts";
import type { Curve, Load, Scenario } from "../../scenarios/contract.ts";
import { scenarios } from "../../scenarios/index.ts";
import { plain } from "../../std/json.ts";
import type { Claims, Mutant, System } from "../../systems/contract.ts";
import { systems } from "../../systems/index.ts";
import { mutants } from "../../systems/mutants/index.ts";
import { history } from "../../history/testing/history.ts";

type Named<T> = Readonly<Record<string, T>>;

interface Members {
  readonly scenarios: Named<Scenario>;
  readonly systems: Named<System>;
  readonly mutants: Named<Mutant>;
  readonly faults: Named<Fault>;
  readonly checks: Named<Check>;
  readonly measures: Named<Measure>;
  readonly reports: readonly Reporter[];
}

/** The page about this repository's own catalogues. */
export const cataloguePage = async (): Promise<string> =>
  page({
    scenarios,
    systems: await loaded<System>(systems),
    mutants: await loaded<Mutant>(mutants),
    faults,
    checks,
    measures,
    reports,
  });

async function loaded<T>(entries: Named<() => Promise<{ readonly default: T }>>): Promise<Named<T>> {
  const members: Record<string, T> = {};
  for (const [name, load] of Object.entries(entries)) members[name] = (await load()).default;
  return members;
}

// long: the page from top to bottom, as it is read
const page = (members: Members): string =>
  [
    "# The catalogue",
    "",
    "Written by a program from what each member says about itself: `docs/generate/catalogue-page.ts`. `whitewater list` prints the",
    "same in short, and with it whatever a `whitewater.config.ts` adds. How to add one: [guide](guide.md).",
    "",
    "[Scenarios](#scenarios): what to do · [Systems](#systems): to whom · [Mutants](#mutants): broken on purpose ·",
    "[Faults](#faults): what goes wrong · [Guarantees](#guarantees): what must hold · [Measures](#measures): how fast it was ·",
    "[Reports](#reports): how it is told",
    "",
    "## Scenarios",
    "",
    "A script as plain data: a load, the faults that come beside it, and the guarantees that it means to threaten.",
    ...each(members.scenarios, scenarioText),
    "## Systems",
    "",
    "A job queue behind one small contract. A run can fail by what holds for any queue, unless the system waives it, and by what",
    "it claims; all else is judged and shown.",
    ...each(members.systems, systemText),
    "## Mutants",
    "",
    "Systems that are broken in one way each, and the check that has to fail each of them: [mutants](mutants.md).",
    "",
    Object.keys(members.mutants)
      .map((name) => `[${name}](mutants.md#${name})`)
      .join(", "),
    "",
    "## Faults",
    "",
    "Each is planned from the seed, put in force, proven to bite while it is, and proven to be over afterwards.",
    ...each(members.faults, faultText),
    "## Guarantees",
    "",
    "A promise and the pure function that says from the history whether it held. What holds for any queue is in force without a",
    "word, on terms from the system's bounds. Of the others terms come from the system's claim; where it claims nothing, neutral",
    "terms are judged and shown, and never fail a run.",
    ...each(members.checks, checkText),
    "### Whose a late start is",
    "",
    "Each has one guarantee that answers for it, the first that fits; the one table is in `checks/lateness.ts`.",
    "",
    ...table(
      ["what is late", "whose it is"],
      ownersOfLateness.map(({ late, owner }) => [late, owner === "nobody" ? owner : linkTo(owner)]),
    ),
    "",
    "## Measures",
    "",
    "Pure functions of the history, in every `result.json` and report.",
    "",
    ...table(["measure", "unit", "what"], Object.entries(members.measures).map(measureRow)),
    "",
    "## Reports",
    "",
    "Files that every run leaves in its directory, beside the history they were made from.",
    "",
    ...table(
      ["file", "what"],
      members.reports.map(({ file, about }) => [code(file), about]),
    ),
    "",
  ]
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n");

const each = <T>(members: Named<T>, text: (member: T) => readonly string[]): readonly string[] => [
  "",
  ...Object.entries(members).flatMap(([name, member]) => [`### ${name}`, "", ...text(member), ""]),
];

const scenarioText = ({ about, store, load, trouble, exercises }: Scenario): readonly string[] => [
  about,
  "",
  ...loadText(load),
  "",
  `Store: ${code(store)}. Exercises: ${exercises.map(linkTo).join(", ")}.`,
  "",
  ...table(
    ["fault", "times", "in this part of the load", "options"],
    trouble.map(({ fault, times, between: [from, to], options }) => [
      linkTo(fault),
      String(times),
      `${percent(from)} to ${percent(to)}`,
      json(options),
    ]),
  ),
];

const curves: Readonly<Record<Curve, string>> = {
  day: "spread like a day: night, morning ramp, lunch dip, evening peak",
  steady: "spread evenly",
  peaks: "spread evenly, with three peaks of five times the rate",
  burst: "a trickle, and twice fifty times as much at once",
  "idle-then-burst": "nothing for a while, then all in a burst",
};

function loadText(load: Load): readonly string[] {
  const { jobs, seconds, curve, payloadBytes, producers, workers, concurrency, work, retries } = load;
  const failing = [
    ...(work.failing > 0 ? [`${percent(work.failing)} of the jobs fail once or twice`] : []),
    ...(work.alwaysFailing > 0 ? [`${percent(work.alwaysFailing)} fail on every attempt`] : []),
  ];
  return [
    `Load: ${number(jobs)} jobs of ${payloadBytes} bytes in ${seconds} s, ${curves[curve]}; ${plural(producers, "producer")}, ` +
      `${plural(workers, "worker")} with ${plural(concurrency, "handler")} each.`,
    `A handler takes ${work.durationMs.join(" to ")} ms; ${failing.length === 0 ? "none is made to fail" : failing.join(", ")}; ` +
      `${plural(retries.attempts, "attempt")} in all, the first retry after ${retries.backoffMs} ms.`,
    ...textsText(load.texts),
    ...(load.workersFrom === undefined
      ? []
      : [`The first worker comes after ${number(load.workersFrom * seconds)} s of it.`]),
    ...(work.delayed.together === true
      ? [
          `${percent(work.delayed.share)} of the jobs are delayed, all until the next full ${number(work.delayed.upToMs)} ms.`,
        ]
      : []),
    ...prioritiesText(load.priorities),
  ];
}

function textsText({ scripts = 0, long, short = 0, empty = false }: Load["texts"] & {} = {}): readonly string[] {
  const kinds = [
    ...(scripts > 0 ? [`${percent(scripts)} in other scripts`] : []),
    ...(long === undefined ? [] : [`${percent(long.share)} of 64 KiB to ${number(long.upToBytes)} bytes`]),
    ...(short > 0 ? [`${percent(short)} as short as can be`] : []),
    ...(empty ? ["one empty"] : []),
  ];
  return kinds.length === 0 ? [] : [`Texts: ${kinds.join(", ")}.`];
}

function prioritiesText(priorities: Load["priorities"] = {}): readonly string[] {
  const each = Object.entries(priorities).map(
    ([name, { weight, share }]) => `${code(name)} of weight ${weight} (${percent(share)} of the jobs)`,
  );
  return each.length === 0 ? [] : [`Priorities: ${each.join(", ")}.`];
}

const systemText = (system: System): readonly string[] => [
  system.about,
  "",
  ...claimsText(inForceFor(system)),
  "",
  [
    system.roles.length > 1 ? "Its blocking reads and its commands can be cut apart." : "It is cut as a whole.",
    system.tellsSettlements ? "It tells how each settlement went." : "It does not tell settlements.",
    ...(system.packages.length === 0
      ? []
      : [`Client libraries of your own repository: ${system.packages.map(code).join(", ")}.`]),
  ].join(" "),
  "",
  ...profilesText(system.profiles),
  ...optionsText("setting", system.options),
];

function inForceFor(system: System): Claims {
  const settings = system.options.parse({});
  return claimsInForce(system, settings, boundsOf(system.bounds(settings)), { checks, name: "" });
}

const claimsText = (claims: Claims): readonly string[] =>
  table(
    ["in force", "on these terms, under its defaults"],
    Object.entries(claims).map(([name, terms]) => [linkTo(name), json(terms)]),
  );

const profilesText = (profiles: Named<unknown>): readonly string[] =>
  Object.entries(profiles).flatMap(([name, settings]) => [`Profile ${code(name)}: ${json(settings)}`, ""]);

const faultText = ({ about, effect, needs, options }: Fault): readonly string[] => [
  about,
  "",
  `Effect: ${code(effect)}. Needs: ${needs.map(code).join(", ")}.`,
  "",
  ...optionsText("option", options),
];

const checkText = ({ about, needs, options, neutral, always, universal }: Check): readonly string[] => [
  about,
  "",
  [
    ...(always === true ? ["Judged of every run, whatever the system claims."] : []),
    ...(universal === undefined ? [] : ["In force for every system that does not waive it."]),
    ...(needs.length === 0 ? [] : [`Only where the system tells its ${needs.join(", ")}.`]),
    `Neutral terms: ${isNothing(neutral) ? "none" : json(neutral)}.`,
  ].join(" "),
  "",
  ...optionsText("term", options),
];

/** Its unit is the one in which it measures a run in which nothing happened. */
function measureRow([name, measure]: readonly [string, Measure]): readonly string[] {
  const { kind, unit } = measure.measure(history({ jobs: 0 }).ledger());
  const kinds = { distribution: "", series: " over time", "per-incident": " per fault" } as const;
  return [code(name), `${unit}${kinds[kind]}`, measure.about];
}

const shape = z.object({
  properties: z.record(z.string(), z.looseObject({ description: z.string().optional(), default: z.json().optional() })),
});

/** A row for each property that the schema knows; its default where any has one. */
function optionsText(what: string, options: z.ZodType): readonly string[] {
  const { properties } = shape.parse(z.toJSONSchema(options, { io: "input", unrepresentable: "any" }));
  const rows = Object.entries(properties);
  const defaults = rows.some(([, { default: standard }]) => standard !== undefined);
  return table(
    [what, ...(defaults ? ["default"] : []), "what"],
    rows.map(([name, { description, default: standard }]) => [
      code(name),
      ...(defaults ? [standard === undefined ? "" : json(standard)] : []),
      description ?? "",
    ]),
  );
}

/** Nothing where there is no row. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return rows.length === 0 ? [] : [line(head), line(head.map(() => "---")), ...rows.map(line)];
}

const code = (text: string): string => `\`${text}\``;
const linkTo = (name: string): string => `[${name}](#${name})`;
const percent = (part: number): string => `${Math.round(part * 10_000) / 100} %`;
const number = (value: number): string => value.toLocaleString("en-US");
const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const isNothing = (value: unknown): boolean => typeof value === "object" && Object.keys(value ?? {}).length === 0;

/** As it would stand in a scenario; a dash for nothing. */
function json(value: unknown): string {
  const told = plain(value);
  if (typeof told !== "object" || told === null) return code(String(told));
  if (isNothing(told)) return "–";
  return code(
    JSON.stringify(told)
      .replaceAll(/"(\w+)":/g, "$1: ")
      .replaceAll(",", ", "),
  );
}
