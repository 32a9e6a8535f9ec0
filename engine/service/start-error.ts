/** What whoever started it can mend: told without a stack, and with exit code 3. */
export class StartError extends Error {
  override readonly name = "StartError";
}
