/**
 * Runs that are judged one by one, each in a process of its own: what the mutation matrix and the standing proof are
 * made of.
 */
import { defaults } from "../../harness/plan.ts";
import { runCell, type CellAssignment } from "./cell.ts";
import type { StudiedMutant } from "./suspects.ts";
import type { Told } from "./verdict.ts";

export interface Cell {
  readonly scenario: string;
  readonly system: string;
  readonly seed: string;
  /** Undefined for a clean system. */
  readonly suspect: StudiedMutant | undefined;
}

export interface CellTools {
  begun?(cell: Cell): void;
  /** Called as each run ends. */
  told(cell: Cell, told: Told): void;
}

export const cellOf = (suspect: StudiedMutant, seed: string): Cell => ({
  scenario: suspect.under,
  system: suspect.name,
  seed,
  suspect,
});

/**
 * Runs them in their order, or as many as there is time for until `stop`.
 * @param parallel runs at once, each with servers and processes of its own
 * @throws UserError when something that all runs need cannot be had
 */
export async function runCells(
  where: Omit<CellAssignment, "choice">,
  cells: readonly Cell[],
  parallel: number,
  tools: CellTools,
  stop: AbortSignal,
): Promise<ReadonlyMap<Cell, Told>> {
  const { configuration, directory, runs, given } = where;
  const ended = new Map<Cell, Told>();
  const broken = new AbortController();
  const over = AbortSignal.any([stop, broken.signal]);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let cell = cells[next++]; cell !== undefined && !over.aborted; cell = cells[next++]) {
      const { scenario, system, seed } = cell;
      tools.begun?.(cell);
      const choice = { scenario, system, seed, profile: defaults };
      const told = await runCell({ configuration, directory, runs, given, choice }, over).catch((thrown: unknown) => {
        broken.abort(thrown);
        throw thrown;
      });
      if (told === undefined) return;
      ended.set(cell, told);
      tools.told(cell, told);
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: parallel }, work));
  for (const worker of workers) if (worker.status === "rejected") throw worker.reason;
  return ended;
}
