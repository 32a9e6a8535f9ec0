/** The standing proof as a page in Markdown, for a person or a pull request. */
import type { Proof, ProofRow } from "./proof.ts";

export interface Proved {
  readonly proof: Proof;
  /** Of the code that was proven, if it is known. */
  readonly commit: string | null;
  readonly seconds: number;
}

export const proofSentences = {
  pass: "Every scenario passes, and every mutant is killed by the check that it names.",
  fail: "A promise was broken, a mutant escaped, or a check cried wolf.",
  unknown: "Nothing is known to be broken, but not all runs prove something.",
} as const;

/** Heads of the two tables that every telling of a proof has. */
export const proofHeads = {
  clean: ["scenario", "system", "verdict", "seconds", "why"],
  mutants: ["mutant", "under", "killed by", "outcome", "seconds", "why"],
} as const;

/** The rows of both, as text. */
export function proofTables({ rows }: Proof): { readonly clean: readonly Cells[]; readonly mutants: readonly Cells[] } {
  const seconds = (row: ProofRow): string => (row.seconds === undefined ? "" : row.seconds.toFixed(0));
  return {
    clean: rows
      .filter(({ killedBy }) => killedBy === undefined)
      .map((row) => [row.scenario, row.system, row.outcome, seconds(row), row.why]),
    mutants: rows.flatMap((row) =>
      row.killedBy === undefined ? [] : [[row.system, row.scenario, row.killedBy, row.outcome, seconds(row), row.why]],
    ),
  };
}

type Cells = readonly string[];

export function proofPage({ proof, commit, seconds }: Proved): string {
  const { clean, mutants } = proofTables(proof);
  const minutes = `${Math.round(seconds / 60)} min`;
  return [
    "# Standing proof",
    "",
    `**${proof.verdict}**: ${proofSentences[proof.verdict]}`,
    "",
    `Seed ${proof.seed}, ${commit === null ? "no commit" : `commit ${commit.slice(0, 12)}`}, ${minutes}.`,
    "",
    ...table(proofHeads.clean, clean),
    ...table(proofHeads.mutants, mutants),
    ...places(proof),
  ].join("\n");
}

const table = (head: Cells, rows: readonly Cells[]): readonly string[] =>
  rows.length === 0 ? [] : [line(head), line(head.map(() => "---")), ...rows.map(line), ""];

const line = (cells: Cells): string =>
  `| ${cells.map((cell) => cell.replace(/\s+/g, " ").replaceAll("|", String.raw`\|`)).join(" | ")} |`;

/** Where to look for what is not as it should be. */
function places({ rows }: Proof): readonly string[] {
  const odd = rows.filter(({ verdict, directory }) => verdict !== "pass" && directory !== undefined);
  return odd.length === 0
    ? []
    : ["## Where to look", "", ...odd.map((row) => `- ${row.system} under ${row.scenario}: ${row.directory}`), ""];
}
