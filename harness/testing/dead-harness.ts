/** The first line of a journal whose harness was there, and is gone: its mark is one that may be undone by. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type { JournalEntry } from "../../history/journal.ts";

const module = pathToFileURL(join(import.meta.dirname, "..", "..", "history", "harness-line.ts")).href;
const script = `import { harnessLine } from ${JSON.stringify(module)}; console.log(JSON.stringify(harnessLine()))`;
const line = z.object({ identity: z.object({ pid: z.number(), startedAt: z.string() }), mark: z.string() });

export type DeadHarness = Extract<JournalEntry, { readonly type: "spawned" }> & { readonly mark: string };

export function deadHarness(): DeadHarness {
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  return { type: "spawned", role: "harness", slot: 0, incarnation: 0, ...line.parse(JSON.parse(said)) };
}
