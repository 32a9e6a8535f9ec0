/** A run's environment without a run: real servers, a journal and logs in a directory that goes with it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { orphanedProcessLever, type ProcessRegistry } from "../../../chaos/levers/process.ts";
import { provideEnvironment, type Environment, type EnvironmentNeed } from "../provide.ts";
import { runDirectory } from "../../run-directory.ts";
import { openJournal, readJournal, type Journal } from "../../../history/journal-file.ts";
import type { JournalLine } from "../../../history/journal.ts";
import { monotonic } from "../../../std/clock.ts";

export interface ScratchRun extends AsyncDisposable {
  readonly directory: string;
  readonly journal: Journal;
  lines(): readonly JournalLine[];
  provide(need?: Partial<EnvironmentNeed>): Promise<Environment>;
}

/** For faults that need no fleet. */
export const nobody: ProcessRegistry = { ...orphanedProcessLever, allSlots: () => [] };

/** Everything that was provided ends with it. */
export async function scratchRun(): Promise<ScratchRun> {
  const scope = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "whitewater-test-"));
  scope.defer(() => rm(directory, { recursive: true, force: true }));
  const run = runDirectory(directory);
  const journal = openJournal(run.journal, monotonic);
  const standard = {
    store: "aof-everysec",
    needsProxy: false,
    needsStore: false,
    cluster: false,
    clocks: [],
    journal,
    logs: run.log,
  } as const;
  return {
    directory,
    journal,
    lines: () => readJournal(run.journal),
    provide: (need) => provideEnvironment({ ...standard, ...need }, scope),
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  };
}
