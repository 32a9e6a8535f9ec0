/**
 * Cleans up behind harnesses that died: their guardian does it right after the death, whoever starts the harness next
 * once more for the runs of the same directory, and `whitewater doctor` also where no directory is left that tells of
 * them.
 */
import { realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { openJournal, readJournal } from "../history/journal-file.ts";
import type { JournalLine } from "../history/journal.ts";
import { monotonic } from "../std/clock.ts";
import { isPlainDirectory, isPlainFile, isThere, namesIn } from "../std/plain-file.ts";
import { isAlive } from "../std/process-identity.ts";
import { messageOf, UserError } from "../std/user-error.ts";
import { isOrphaned } from "../std/mark.ts";
import { journalName } from "./run-directory.ts";
import { armed, undo, type Undone } from "./undo.ts";

export interface Swept extends Undone {
  /** Of the run; undefined where none tells of it. */
  readonly directory: string | undefined;
}

const nothing: Undone = { killed: [], proxies: [], directories: [], keys: 0, left: [] };
const runsMost = 100_000;

/**
 * Idempotent: what is gone stays gone. The harness itself is never touched; @see isAbandoned
 * @param lines of its journal, where that may be gone
 */
export async function sweep(
  directory: string,
  lines: readonly JournalLine[] = readJournal(join(directory, journalName)),
): Promise<Swept> {
  const mark = markOf(lines);
  if (mark === undefined) throw new UserError("no mark stands in its journal, as one of this version's has");
  const undone = await undo({ lines, mark });
  if (undone.left.length === 0 && !isOver(lines)) close(directory, lines);
  return { directory, ...undone };
}

/** What of it cannot be written is of no use to anybody: its directory is gone. */
function close(directory: string, lines: readonly JournalLine[]): void {
  const file = join(directory, journalName);
  if (!isPlainFile(file)) return;
  const journal = openJournal(file, monotonic);
  for (const id of armed(lines))
    journal.write({ type: "healed", id, evidence: { proven: true, facts: { swept: true } } });
  journal.write({ type: "stopped", why: "the harness ended before the run was over" });
  journal.write({ type: "phase", phase: "over" });
}

/**
 * All runs below the directory whose harness died before they were over. Those that go on are left alone. One whose
 * journal cannot be read, such as another version's, is told and hinders no other.
 * @throws UserError when it is no directory
 */
export async function sweepAll(runs: string): Promise<readonly Swept[]> {
  const swept: Swept[] = [];
  for (const directory of runsIn(runs)) {
    try {
      if (isAbandoned(directory)) swept.push(await sweep(directory));
    } catch (thrown) {
      const why = `${messageOf(thrown)}; if another version left it, sweep it with that one, or remove the directory`;
      swept.push({ directory, ...nothing, left: [why] });
    }
  }
  return swept;
}

/** All that carries the mark of a harness that is gone, whatever became of its run's directory. */
export async function sweepOrphans(): Promise<readonly Swept[]> {
  const undone = await undo({ lines: [] });
  const isAny = undone.killed.length + undone.directories.length + undone.left.length > 0;
  return isAny ? [{ directory: undefined, ...undone }] : [];
}

/** Not over, and its harness is gone. A directory whose journal has no line yet has nothing to be swept either. */
function isAbandoned(directory: string): boolean {
  const lines = readJournal(join(directory, journalName));
  const harness = lines.find((line) => line.type === "spawned" && line.role === "harness");
  if (harness?.type !== "spawned" || isOver(lines)) return false;
  return harness.mark === undefined ? !isAlive(harness.identity) : isOrphaned(harness.mark);
}

const markOf = (lines: readonly JournalLine[]): string | undefined =>
  lines.flatMap((line) => (line.type === "spawned" && line.role === "harness" ? (line.mark ?? []) : []))[0];

/** `latest` is a link to one of the others. */
function runsIn(runs: string): readonly string[] {
  const path = resolve(runs);
  if (!isThere(path)) return [];
  try {
    const place = realpathSync(path);
    if (!isPlainDirectory(place)) throw new UserError("it is no directory");
    return namesIn(place, runsMost)
      .map((name) => join(path, name))
      .filter((directory) => isPlainDirectory(directory) && isThere(join(directory, journalName)));
  } catch (thrown) {
    throw new UserError(`runs cannot be kept in ${path} (${messageOf(thrown)}): name another directory with --runs`);
  }
}

export const isOver = (lines: readonly JournalLine[]): boolean =>
  lines.some((line) => line.type === "phase" && line.phase === "over");
