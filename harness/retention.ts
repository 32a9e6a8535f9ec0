/** Old runs take room: the newest are kept, and only what is a run of ours, and over, is ever removed. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { readJournal } from "../history/journal-file.ts";
import { journalName } from "./run-directory.ts";
import { isOver } from "./sweep.ts";

/**
 * Removes all but the newest `keep` finished runs below that directory.
 * @returns the directories that are gone
 */
export function removeOldRuns(runs: string, keep: number): readonly string[] {
  if (!existsSync(runs)) return [];
  const finished = readdirSync(runs, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(resolve(runs), name))
    .filter(isFinished)
    .toSorted();
  const old = finished.slice(0, Math.max(0, finished.length - keep));
  for (const directory of old) rmSync(directory, { recursive: true, force: true });
  return old;
}

/**
 * Its name begins with its time, so that the order of names is that of age. What cannot be read is not ours to remove.
 */
function isFinished(directory: string): boolean {
  const journal = join(directory, journalName);
  try {
    return isOver(readJournal(journal));
  } catch {
    return false;
  }
}
