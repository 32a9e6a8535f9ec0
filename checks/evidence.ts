/**
 * What absence may be inferred from: a record that is not there proves something only in a file that is known to be
 * whole.
 */
import { never, type Ledger } from "../history/ledger.ts";
import type { Role } from "../history/record.ts";

/** What is missing from it may be anything: a fault in force, or a process of whose file nobody knows any more. */
export const journalMissing = ({ integrity }: Ledger): string | undefined =>
  integrity.journal === undefined ? undefined : `lines of the journal may be missing (${integrity.journal})`;

/** Why records of these processes may be missing, undefined when none can be. */
export function filesMissing(ledger: Ledger, roles: readonly Role[]): string | undefined {
  const journal = journalMissing(ledger);
  if (journal !== undefined) return journal;
  const [first, ...rest] = ledger.integrity.incomplete.filter(({ role }) => roles.includes(role));
  if (first === undefined) return undefined;
  const more = rest.length === 0 ? "" : `, and of ${rest.length} more`;
  return `${fileFlaw(first)}${more}`;
}

/**
 * Why not all that happened to this job may be on record: its runs are in any worker's file, its sending is in one
 * producer's.
 */
export function lifeMissing(ledger: Ledger, job: number): string | undefined {
  const known = ledger.columns.sentAt[job] !== never;
  return filesMissing(ledger, known ? ["worker"] : ["worker", "producer"]);
}

/** Why the final scan itself does not prove that a job is nowhere, undefined when it does. */
export function scanFlaw({ scan }: Ledger): string | undefined {
  const why = scan?.why === undefined ? "" : `: ${scan.why}`;
  if (scan === undefined) return "the store was never scanned after the run";
  if (!scan.finished) return `the final scan of the store did not finish${why}`;
  if (!scan.agrees) return `the pages of the final scan disagree with the store's own counts${why}`;
  return undefined;
}

/** The same, or why what it found may be missing from our record. */
export const scanMissing = (ledger: Ledger): string | undefined =>
  scanFlaw(ledger) ?? filesMissing(ledger, ["harness"]);

/** What it means that this file is not whole. */
export const fileFlaw = ({ role, incarnation, why }: Ledger["integrity"]["incomplete"][number]): string =>
  `records of ${role} process ${incarnation} may be missing (${why})`;
