/**
 * The standing proof: every scenario once on systems that keep their promises, then every mutant once under its own,
 * all on one seed. The clean runs of the same scenarios and seed, which a mutant is held against, are among the first.
 * What proved nothing is run once more, by itself and on another seed: its row says so, and why.
 */
import { runCells, cellOf, type Cell, type CellTools } from "./mutants/cells.ts";
import type { CellAssignment } from "./mutants/cell.ts";
import type { Overall } from "../reports/contract.ts";
import type { StudiedMutant } from "./mutants/suspects.ts";
import { cleanRun, mutantRow, mutantRun, worst, type MutantRow, type Told } from "./mutants/verdict.ts";

export interface ProofRequest extends Omit<CellAssignment, "choice"> {
  readonly scenarios: readonly string[];
  readonly systems: readonly string[];
  readonly suspects: readonly StudiedMutant[];
  readonly seed: string;
  /** Runs at once, each with servers and processes of its own. */
  readonly parallel: number;
  /**
   * Scenarios whose loads fill the machine: beside another run their faults would come late. They go first, one at a
   * time.
   */
  readonly alone: readonly string[];
}

/** A scenario on a system, or a mutant under its scenario. */
export interface ProofRow {
  readonly scenario: string;
  readonly system: string;
  /** By which check it is to be killed; undefined for a clean system. */
  readonly killedBy: string | undefined;
  readonly verdict: Overall;
  /** `pass`, `killed`, `escaped`, `false alarm`, `not run`, ... */
  readonly outcome: string;
  readonly seconds: number | undefined;
  /** What is not as it should be; empty where all is. */
  readonly why: string;
  readonly directory: string | undefined;
}

export interface Proof {
  readonly seed: string;
  readonly verdict: Overall;
  readonly rows: readonly ProofRow[];
}

export interface ProofTools {
  /** @param index of the row */
  begun(index: number): void;
  /** Called as each run ends, with what is known by then. */
  told(index: number, proof: Proof): void;
}

/** In the order in which they are run. */
export function cellsOfProof(request: ProofRequest): readonly Cell[] {
  const { scenarios, systems, suspects, seed } = request;
  const cells = [
    ...scenarios.flatMap((scenario) => systems.map((system): Cell => ({ scenario, system, seed, suspect: undefined }))),
    ...suspects.map((suspect) => cellOf(suspect, seed)),
  ];
  return [...cells.filter(isAlone(request)), ...cells.filter((cell) => !isAlone(request)(cell))];
}

const isAlone =
  ({ alone }: ProofRequest) =>
  ({ scenario }: Cell): boolean =>
    alone.includes(scenario);

/**
 * Runs all of it, or as much as there is time for until `stop`.
 * @throws UserError when something that all runs need cannot be had
 */
export async function prove(request: ProofRequest, tools: ProofTools, stop: AbortSignal): Promise<Proof> {
  const cells = cellsOfProof(request);
  const ended = new Map<Cell, Told>();
  const again = new Map<Cell, Told>();
  const known = (): Proof => proofOf(request.seed, cells, ended, again);
  const cellTools: CellTools = {
    begun: (cell) => tools.begun(cells.indexOf(cell)),
    told(cell, told) {
      ended.set(cell, told);
      tools.told(cells.indexOf(cell), known());
    },
  };
  const first = cells.filter(isAlone(request));
  await runCells(request, first, 1, cellTools, stop);
  if (!stop.aborted) await runCells(request, cells.slice(first.length), request.parallel, cellTools, stop);
  await repeatUnknown();
  return known();

  async function repeatUnknown(): Promise<void> {
    for (const [index, { verdict }] of known().rows.entries()) {
      const cell = cells[index];
      if (cell === undefined || verdict !== "unknown" || stop.aborted) continue;
      tools.begun(index);
      const ran = await runCells(request, [{ ...cell, seed: seedOfRepeat(cell) }], 1, { told: () => {} }, stop);
      for (const told of ran.values()) again.set(cell, told);
      tools.told(index, known());
    }
  }
}

const seedOfRepeat = ({ seed }: Cell): string => `${seed}-again`;

/** A failure dominates; what was not run is not known. @param again second runs of what proved nothing */
export function proofOf(
  seed: string,
  cells: readonly Cell[],
  ended: ReadonlyMap<Cell, Told>,
  again: ReadonlyMap<Cell, Told> = new Map(),
): Proof {
  const rows = cells.map((cell) => {
    const first = rowOf(cell, ended.get(cell));
    const second = again.get(cell);
    if (second === undefined) return first;
    const { outcome, why, ...row } = rowOf({ ...cell, seed: seedOfRepeat(cell) }, second);
    const both = [...(why === "" ? [] : [why]), `the first run proved nothing: ${first.why}`];
    return { ...row, outcome: `${outcome}, second run`, why: both.join("; ") };
  });
  return { seed, rows, verdict: worst(rows.map(({ verdict }) => verdict)) };
}

function rowOf({ scenario, system, seed, suspect }: Cell, told: Told | undefined): ProofRow {
  const head = { scenario, system, killedBy: suspect?.killedBy };
  if (told === undefined)
    return { ...head, verdict: "unknown", outcome: "not run", seconds: undefined, why: "", directory: undefined };
  const seconds = "failed" in told ? undefined : told.run.seconds;
  if (suspect === undefined) {
    const { verdict, directory } = cleanRun(seed, told);
    const why = "failed" in told ? told.failed : verdict === "pass" ? "" : (told.reasons[0] ?? "");
    return { ...head, verdict, outcome: verdict, seconds, why, directory };
  }
  const row = mutantRow(suspect, [mutantRun(suspect, seed, told)]);
  return { ...head, seconds, verdict: row.verdict, ...outcomeOf(row) };
}

/** Of the one run of a mutant. */
function outcomeOf({ killedBy, runs: [run] }: MutantRow): Pick<ProofRow, "outcome" | "why" | "directory"> {
  const { outcome = "unknown", falseAlarms = [], why = "", directory } = run ?? {};
  const alarmed = falseAlarms.length > 0;
  const told = [
    ...(outcome === "escaped" ? [`${killedBy} saw nothing`] : []),
    ...(outcome === "unknown" ? [why] : []),
    ...(alarmed ? [`red without a reason: ${falseAlarms.join(", ")}`] : []),
  ];
  return { outcome: alarmed ? `${outcome}, false alarm` : outcome, why: told.join("; "), directory };
}
