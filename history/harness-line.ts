/** The first line of a journal: the harness that writes it, with its mark. */
import { ownMark, untold } from "../std/mark.ts";
import { identify } from "../std/process-identity.ts";
import type { JournalEntry } from "./journal.ts";

export const harnessLine = (): Extract<JournalEntry, { readonly type: "spawned" }> => ({
  type: "spawned",
  identity: identify(process.pid) ?? { pid: process.pid, startedAt: untold },
  role: "harness",
  slot: 0,
  incarnation: 0,
  mark: ownMark(),
});
