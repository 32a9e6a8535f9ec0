/**
 * Outlives the harness by a moment. It holds the end of a pipe: a word says that all is well, the mere end that the
 * harness is gone, however it died; then everything that it left behind is undone. It holds the journal open from the
 * beginning, so that it can be read also when its directory was removed.
 */
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { journalIn } from "../history/journal-file.ts";
import type { JournalLine } from "../history/journal.ts";
import { DeadlineError, eventually } from "../std/deadline.ts";
import { messageOf } from "../std/user-error.ts";
import { isOrphaned } from "../std/mark.ts";
import { isOver, sweep } from "./sweep.ts";
import { undo } from "./undo.ts";

/** The pipe ends a little before the process is gone. */
const deathMs = 60_000;
/** Where whoever starts it puts the open journal. */
const journal = 3;

const [, , directory, mark] = process.argv;
if (directory === undefined || mark === undefined)
  throw new Error("usage: guardian-process RUN-DIRECTORY MARK 3<JOURNAL");

// Whoever ends the harness with its whole group, or by Ctrl-C, needs the guardian most.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => {});

const word = await text(process.stdin).catch(() => "");
if (word === "") await cleanUp(directory, mark);

async function cleanUp(left: string, of: string): Promise<void> {
  try {
    await eventually(() => isOrphaned(of), { deadlineMs: deathMs, awaited: "the harness to be gone" });
  } catch (thrown) {
    if (thrown instanceof DeadlineError) return; // it is alive: nothing of ours to undo
    throw thrown;
  }
  const lines = linesLeft();
  if (lines !== undefined && isOver(lines)) return;
  console.log(JSON.stringify(lines === undefined ? await undo({ lines: [], mark: of }) : await sweep(left, lines)));
}

/** Undefined where somebody wrote over them: what carries the mark is found all the same. */
function linesLeft(): readonly JournalLine[] | undefined {
  try {
    const lines = journalIn(readFileSync(journal, "utf8"), "the journal");
    return lines.length === 0 ? undefined : lines;
  } catch (thrown) {
    console.error(messageOf(thrown));
    return undefined;
  }
}
