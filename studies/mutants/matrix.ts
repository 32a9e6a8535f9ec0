/**
 * The mutation matrix: every mutant under its scenario, and the clean system under the same scenarios, seeds and schedules.
 * A check that does not see its mutant proves nothing; one that sees something in the clean system, or a check that turns red
 * for another one's bug, cries wolf.
 */
import { defaults } from "../../harness/plan.ts";
import { runCell, type Assignment } from "./cell.ts";
import type { Suspect } from "./suspects.ts";
import { cleanRow, cleanRun, matrixOf, mutantRow, mutantRun, type Matrix, type Told } from "./verdict.ts";

export interface MatrixRequest extends Omit<Assignment, "choice"> {
  readonly suspects: readonly Suspect[];
  /** The system that the mutants are broken copies of. */
  readonly clean: string;
  readonly seeds: readonly string[];
  /** Runs at once, each with servers and processes of its own. */
  readonly parallel: number;
}

export interface Cell {
  readonly scenario: string;
  readonly system: string;
  readonly seed: string;
  /** Undefined for the clean system. */
  readonly suspect: Suspect | undefined;
}

export interface MatrixTools {
  /** Called as each run ends. */
  told(cell: Cell, told: Told): void;
}

/** Clean runs first of each seed: what is wrong with the machine or the scenario shows there. */
export const cellsOf = ({
  suspects,
  clean,
  seeds,
}: Pick<MatrixRequest, "suspects" | "clean" | "seeds">): readonly Cell[] =>
  seeds.flatMap((seed) => [
    ...scenariosOf(suspects).map((scenario): Cell => ({ scenario, system: clean, seed, suspect: undefined })),
    ...suspects.map((suspect): Cell => ({ scenario: suspect.under, system: suspect.name, seed, suspect })),
  ]);

/**
 * Runs the matrix, or as much of it as there is time for until `stop`.
 * @throws UserError when something that all runs need cannot be had
 */
export async function runMatrix(request: MatrixRequest, tools: MatrixTools, stop: AbortSignal): Promise<Matrix> {
  const cells = cellsOf(request);
  const ended = new Map<Cell, Told>();
  const broken = new AbortController();
  const over = AbortSignal.any([stop, broken.signal]);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let cell = cells[next++]; cell !== undefined && !over.aborted; cell = cells[next++]) {
      const told = await runCell(assignmentOf(request, cell), over).catch((thrown: unknown) => {
        broken.abort(thrown);
        throw thrown;
      });
      if (told === undefined) return;
      ended.set(cell, told);
      tools.told(cell, told);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: request.parallel }, work));
  for (const worker of workers) if (worker.status === "rejected") throw worker.reason;

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

const scenariosOf = (suspects: readonly Suspect[]): readonly string[] => [
  ...new Set(suspects.map(({ under }) => under)),
];

const assignmentOf = (
  { configuration, directory, runs, given }: MatrixRequest,
  { scenario, system, seed }: Cell,
): Assignment => ({ configuration, directory, runs, given, choice: { scenario, system, seed, profile: defaults } });
