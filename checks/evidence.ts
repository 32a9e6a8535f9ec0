/** What absence may be inferred from: a record that is not there proves something only in a file that is known to be whole. */
import type { Ledger } from "../history/ledger.ts";
import type { Role } from "../history/record.ts";

/** Why records of these processes may be missing, undefined when none can be. */
export function filesMissing(ledger: Ledger, roles: readonly Role[]): string | undefined {
  const [first, ...rest] = ledger.integrity.incomplete.filter(({ role }) => roles.includes(role));
  if (first === undefined) return undefined;
  const more = rest.length === 0 ? "" : `, and of ${rest.length} more`;
  return `records of ${first.role} process ${first.incarnation} may be missing (${first.why})${more}`;
}

/** Why the final scan does not prove that a job is nowhere, undefined when it does. */
export function scanMissing(ledger: Ledger): string | undefined {
  const { scan } = ledger;
  const why = scan?.why === undefined ? "" : `: ${scan.why}`;
  if (scan === undefined) return "the store was never scanned after the run";
  if (!scan.finished) return `the final scan of the store did not finish${why}`;
  if (!scan.agrees) return `the pages of the final scan disagree with the store's own counts${why}`;
  return filesMissing(ledger, ["harness"]);
}
