/** The matrix as a page in Markdown, for a person or a pull request. */
import { killShare, type CleanRow, type Matrix, type MutantRow } from "./verdict.ts";

export function matrixPage({ verdict, seeds, mutants, clean }: Matrix): string {
  const findings = [...mutants.flatMap(findingsOf), ...clean.flatMap(cleanFindings)];
  return [
    "# Mutants",
    "",
    sentences[verdict],
    `Seeds: ${seeds.join(", ")}. A mutant counts as killed when ${killShare * 100} % of its runs are failed by the check that it names.`,
    "",
    "| mutant | under | killed by | killed | also red, as they must be | false alarms |",
    "| --- | --- | --- | --- | --- | --- |",
    ...mutants.map(
      (row) =>
        `| ${row.name} | ${row.under} | ${row.killedBy} | ${killedOf(row)} | ${counted(row, row.related)} | ${counted(row, strangersOf(row)) || "none"} |`,
    ),
    "",
    "| clean system | under | green |",
    "| --- | --- | --- |",
    ...clean.map((row) => `| ${row.system} | ${row.scenario} | ${greenOf(row)} |`),
    "",
    ...(findings.length === 0
      ? []
      : ["## What is not as it should be", "", ...findings.map((line) => `- ${line}`), ""]),
  ].join("\n");
}

export const sentences = {
  pass: "Every mutant is killed by the check that it names, nothing else is red, and the clean system is green.",
  fail: "A mutant escaped, or a check cried wolf.",
  unknown: "No mutant is known to have escaped, but not all runs prove something.",
} as const;

export const killedOf = ({ runs }: MutantRow): string =>
  `${runs.filter(({ outcome }) => outcome === "killed").length} of ${runs.length}`;

export const greenOf = ({ runs }: CleanRow): string =>
  `${runs.filter(({ verdict }) => verdict === "pass").length} of ${runs.length}`;

const strangersOf = ({ runs }: MutantRow): readonly string[] => [
  ...new Set(runs.flatMap(({ falseAlarms }) => falseAlarms)),
];

/** Each name with the number of runs in which it was red. */
const counted = ({ runs }: MutantRow, names: readonly string[]): string =>
  names
    .map((name) => [name, runs.filter(({ red }) => red.includes(name)).length] as const)
    .map(([name, count]) => `${name} ${count} of ${runs.length}`)
    .join(", ");

/** A line for each run of the mutant that is not as it should be, with the place to look. */
export const findingsOf = ({ name, killedBy, runs }: MutantRow): readonly string[] =>
  runs.flatMap(({ seed, outcome, falseAlarms, why, directory = "no run" }) => {
    const where = `${name}, seed ${seed}`;
    return [
      ...(outcome === "escaped" ? [`${where}: escaped ${killedBy} (${directory})`] : []),
      ...(outcome === "unknown" ? [`${where}: unknown: ${why ?? "no reason was given"} (${directory})`] : []),
      ...(falseAlarms.length > 0 ? [`${where}: red without a reason: ${falseAlarms.join(", ")} (${directory})`] : []),
    ];
  });

export const cleanFindings = ({ system, scenario, runs }: CleanRow): readonly string[] =>
  runs.flatMap(({ seed, verdict, red, why, directory = "no run" }) =>
    verdict === "pass"
      ? []
      : [`${system} under ${scenario}, seed ${seed}: ${verdict}: ${red.join(", ") || (why ?? "")} (${directory})`],
  );
