/**
 * The mutation matrix: every mutant under its scenario, and the clean system under the same scenarios, seeds and
 * schedules. A check that does not see its mutant proves nothing; one that sees something in the clean system, or a
 * check that turns red for another one's bug, cries wolf.
 */
import type { CellAssignment } from "./cell.ts";
import { cellOf, runCells, type Cell, type CellTools } from "./cells.ts";
import type { StudiedMutant } from "./suspects.ts";
import { cleanRow, cleanRun, matrixOf, mutantRow, mutantRun, type Matrix, type Told } from "./verdict.ts";

export interface MatrixRequest extends Omit<CellAssignment, "choice"> {
  readonly suspects: readonly StudiedMutant[];
  /** The system that the mutants are broken copies of. */
  readonly clean: string;
  readonly seeds: readonly string[];
  /** Runs at once, each with servers and processes of its own. */
  readonly parallel: number;
}

/** Clean runs first of each seed: what is wrong with the machine or the scenario shows there. */
export const cellsOf = ({
  suspects,
  clean,
  seeds,
}: Pick<MatrixRequest, "suspects" | "clean" | "seeds">): readonly Cell[] =>
  seeds.flatMap((seed) => [
    ...scenariosOf(suspects).map((scenario): Cell => ({ scenario, system: clean, seed, suspect: undefined })),
    ...suspects.map((suspect) => cellOf(suspect, seed)),
  ]);

/**
 * Runs the matrix, or as much of it as there is time for until `stop`.
 * @throws UserError when something that all runs need cannot be had
 */
export async function runMatrix(request: MatrixRequest, tools: CellTools, stop: AbortSignal): Promise<Matrix> {
  const cells = cellsOf(request);
  const ended = await runCells(request, cells, request.parallel, tools, stop);
  const told = (of: (cell: Cell) => boolean): readonly (readonly [string, Told])[] =>
    cells.filter(of).flatMap((cell) => {
      const one = ended.get(cell);
      return one === undefined ? [] : [[cell.seed, one] as const];
    });
  return matrixOf(
    request.seeds,
    request.suspects.map((suspect) =>
      mutantRow(
        suspect,
        told((cell) => cell.suspect === suspect).map(([seed, one]) => mutantRun(suspect, seed, one)),
      ),
    ),
    scenariosOf(request.suspects).map((scenario) =>
      cleanRow(
        request.clean,
        scenario,
        told((cell) => cell.suspect === undefined && cell.scenario === scenario).map(([seed, one]) =>
          cleanRun(seed, one),
        ),
      ),
    ),
    cells.length,
  );
}

const scenariosOf = (suspects: readonly StudiedMutant[]): readonly string[] => [
  ...new Set(suspects.map(({ under }) => under)),
];
