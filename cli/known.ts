/** What a team knows of and lives with, as the command line takes and tells it. */
import { excuse, readKnownFailures, today, type KnownFailure } from "../harness/known-failures.ts";
import type { Overall, Result } from "../reports/contract.ts";
import type { Words } from "./command.ts";

/** @throws UserError when the file is not what it should be */
export function knownIn(words: Words): readonly KnownFailure[] {
  const file = words.text("known");
  return file === undefined ? [] : readKnownFailures(file);
}

/** What the exit code is made of; what follows from the list is said where it differs from what one might expect. */
export function verdictFor(result: Result, failures: readonly KnownFailure[]): Overall {
  const { verdict, expired, idle } = excuse(result, failures, today());
  for (const { guarantee, until } of expired)
    console.log(`${guarantee} was known to be broken until ${until}: that day is over, and it counts again.`);
  for (const { guarantee } of idle)
    console.log(`${guarantee} is on the list of known failures, and did not fail: it may be taken off.`);
  return verdict;
}
