/** What producers and workers have in common: a recorder for their history, and connections of the assigned system. */
import { writeSync } from "node:fs";
import { loadSystem } from "../catalogues/catalogues.ts";
import { library, loadCatalogues } from "../catalogues/configuration.ts";
import { unwritableCode } from "../history/journal.ts";
import { openRecorder, type Recorder, type Write } from "../history/recorder.ts";
import { monotonic } from "../std/clock.ts";
import { UserError } from "../std/user-error.ts";
import type { Connection } from "../systems/contract.ts";
import { connectTo } from "./adapter/connect.ts";
import type { Member } from "./member.ts";

export interface Recording {
  readonly recorder: Recorder;
  readonly tellsSettlements: boolean;
  connect(): Promise<Connection>;
}

/** @throws UserError when the configuration or the system cannot be loaded */
export async function recording({ assignment, entering, flaw }: Member): Promise<Recording> {
  const recorder = openRecorder(assignment.historyFile, assignment, monotonic, writeOrEnd);
  const { configuration, system, directory } = assignment;
  entering(configuration, "user");
  const { systems } = await loadCatalogues(configuration);
  const entry = systems[system];
  if (entry === undefined) throw new UserError(`no system is called "${system}"`);
  entering(`system "${system}": connect`, "system");
  const { tellsSettlements } = await loadSystem(system, entry);
  const tools = { load: (name: string) => library(name, directory).load(), flaw };
  return { recorder, tellsSettlements, connect: () => connectTo(systems, assignment, tools) };
}

/** To fail its jobs, and go on, would be a deed that is on no file: to the judge, the queue would have made it up. */
const writeOrEnd: Write = (descriptor, bytes, from, length) => {
  try {
    return writeSync(descriptor, bytes, from, length);
  } catch (thrown) {
    console.error("the history cannot be written", thrown);
    process.exit(unwritableCode);
  }
};
