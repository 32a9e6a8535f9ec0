/**
 * What a matrix of runs says of the mutants, and so of the checks. Pure: from results to rows, from rows to one
 * verdict.
 */
import type { Overall, Result } from "../../reports/contract.ts";
import type { StudiedMutant } from "./suspects.ts";

/** What a run of a mutant came to. */
export type Outcome =
  /** The named check failed. */
  | "killed"
  /** The run was a test, and the named check saw nothing. */
  | "escaped"
  /** The run proves nothing, or did not take place. */
  | "unknown";

interface Ran {
  readonly seed: string;
  /** Of the run, where there was one. */
  readonly directory?: string;
  /** Claimed guarantees that failed. */
  readonly red: readonly string[];
  /** Why it is unknown. */
  readonly why?: string;
}

export interface MutantRun extends Ran {
  readonly outcome: Outcome;
  /** Red without a reason in the bug. */
  readonly falseAlarms: readonly string[];
}

export interface CleanRun extends Ran {
  readonly verdict: Overall;
}

export interface MutantRow extends StudiedMutant {
  readonly runs: readonly MutantRun[];
  readonly verdict: Overall;
}

export interface CleanRow {
  readonly system: string;
  readonly scenario: string;
  readonly runs: readonly CleanRun[];
  readonly verdict: Overall;
}

export interface Matrix {
  /** Version of this value's shape. */
  readonly format: 1;
  readonly verdict: Overall;
  readonly seeds: readonly string[];
  readonly mutants: readonly MutantRow[];
  /** The clean system under each scenario and seed of the mutants. */
  readonly clean: readonly CleanRow[];
}

/** Of a run's result, what says whether it killed. */
export type Judged = Pick<Result, "verdict" | "reasons" | "guarantees"> & {
  readonly run: Pick<Result["run"], "directory" | "seconds">;
};

/** A run that ended, or why there was none. */
export type Told = Judged | { readonly failed: string };

/** A mutant counts as killed when so many of its runs are. */
export const killShare = 0.9;

export function mutantRun({ killedBy, related }: StudiedMutant, seed: string, told: Told): MutantRun {
  if ("failed" in told) return { seed, outcome: "unknown", red: [], falseAlarms: [], why: told.failed };
  const red = redOf(told);
  const falseAlarms = red.filter((name) => name !== killedBy && !related.includes(name));
  const head = { seed, directory: told.run.directory, red, falseAlarms };
  if (red.includes(killedBy)) return { ...head, outcome: "killed" };
  const why = doubtOf(told);
  return why === undefined ? { ...head, outcome: "escaped" } : { ...head, outcome: "unknown", why };
}

export function cleanRun(seed: string, told: Told): CleanRun {
  if ("failed" in told) return { seed, verdict: "unknown", red: [], why: told.failed };
  const why = told.verdict === "unknown" ? told.reasons[0] : undefined;
  return {
    seed,
    directory: told.run.directory,
    verdict: told.verdict,
    red: redOf(told),
    ...(why === undefined ? {} : { why }),
  };
}

export function mutantRow(suspect: StudiedMutant, runs: readonly MutantRun[]): MutantRow {
  const count = (outcome: Outcome): number => runs.filter((run) => run.outcome === outcome).length;
  const known = runs.length - count("unknown");
  const enough = (of: number): boolean => count("killed") >= killShare * of;
  const alarmed = runs.some(({ falseAlarms }) => falseAlarms.length > 0);
  const verdict = alarmed || !enough(known) ? "fail" : runs.length > 0 && enough(runs.length) ? "pass" : "unknown";
  return { ...suspect, runs, verdict };
}

export const cleanRow = (system: string, scenario: string, runs: readonly CleanRun[]): CleanRow => ({
  system,
  scenario,
  runs,
  verdict: worst(runs.map(({ verdict }) => verdict)),
});

/** @param planned how many runs there were to be: those that did not take place are not known */
export function matrixOf(
  seeds: readonly string[],
  mutants: readonly MutantRow[],
  clean: readonly CleanRow[],
  planned: number,
): Matrix {
  const ran = [...mutants, ...clean].reduce((sum, { runs }) => sum + runs.length, 0);
  const verdicts = [...mutants, ...clean].map(({ verdict }) => verdict);
  return {
    format: 1,
    verdict: worst([...verdicts, ...(ran < planned ? (["unknown"] as const) : [])]),
    seeds,
    mutants,
    clean,
  };
}

/** A failure dominates, then an unknown; of nothing, nothing is known. */
export const worst = (verdicts: readonly Overall[]): Overall =>
  verdicts.includes("fail") ? "fail" : verdicts.length === 0 || verdicts.includes("unknown") ? "unknown" : "pass";

const redOf = ({ guarantees }: Judged): readonly string[] =>
  guarantees.filter(({ claimed, verdict }) => claimed && verdict === "fail").map(({ name }) => name);

/** Why what is not red need not be green. */
function doubtOf({ guarantees, verdict, reasons }: Judged): string | undefined {
  for (const guarantee of guarantees)
    if (guarantee.claimed && guarantee.verdict === "unknown") return `${guarantee.name}: ${guarantee.reason}`;
  return verdict === "unknown" ? reasons[0] : undefined;
}
