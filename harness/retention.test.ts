import { existsSync, mkdirSync, mkdtempDisposableSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { openJournal } from "../history/journal-file.ts";
import { calendarNow, monotonic } from "../std/clock.ts";
import { removeOldRuns } from "./retention.ts";
import { createRunDirectory } from "./run-directory.ts";

const now = calendarNow();

/** All of the same moment: the number decides which is older. */
function aRun(runs: string, number: number, over: boolean): string {
  const directory = createRunDirectory(runs, `${number}-stream`, now);
  const journal = openJournal(directory.journal, monotonic);
  journal.write({ type: "phase", phase: over ? "over" : "load" });
  return directory.path;
}

test("the newest finished runs stay; what goes on, and what is no run, is left alone", () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "retention-"));
  const runs = directory.path;
  const goesOn = aRun(runs, 0, false);
  const [oldest, older, newer, newest] = [1, 2, 3, 4].map((second) => aRun(runs, second, true));
  mkdirSync(join(runs, "0-mine"));
  writeFileSync(join(runs, "0-mine", "notes.txt"), "not a run");
  symlinkSync("0-mine", join(runs, "0-link"));
  expect(removeOldRuns(runs, 2)).toEqual([oldest, older]);
  expect([goesOn, newer, newest].map((path) => existsSync(path ?? ""))).toEqual([true, true, true]);
  expect(readdirSync(runs)).toEqual(expect.arrayContaining(["0-mine", "0-link", "latest"]));
  expect(removeOldRuns(runs, 2)).toEqual([]);
});

test("a directory that is not there holds no old runs", () => {
  expect(removeOldRuns("no/such/place", 1)).toEqual([]);
});

test("a run's directory is one level, whatever its system is called", () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "retention-"));
  const { path } = createRunDirectory(
    join(directory.path, "a", "b"),
    `day-team/../orders \u202e${"x".repeat(300)}`,
    now,
  );
  expect(dirname(path)).toBe(join(directory.path, "a", "b"));
  expect(basename(path)).toMatch(/^[\w.-]{1,255}$/);
});
