/**
 * An error of whoever called us: shown as one line, without a stack, exit code 3. Says what is wrong and what to do.
 */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
