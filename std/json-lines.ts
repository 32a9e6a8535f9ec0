/** Append-only files of one JSON value a line. A line that a crash tore off in the middle is dropped, never guessed. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { UserError } from "./user-error.ts";

/** In the kernel when it returns (write(2)), so it survives SIGKILL of this process. */
export function appendLine(file: string, value: unknown): void {
  appendFileSync(file, `${JSON.stringify(value)}\n`);
}

/**
 * All whole lines, oldest first; an absent file has none.
 * @throws UserError naming the line that is no JSON
 */
export function readLines(file: string): unknown[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  lines.pop(); // what follows the last line feed is empty or torn
  return lines.flatMap((line, index): unknown[] => {
    if (line === "") return [];
    try {
      return [JSON.parse(line)];
    } catch {
      throw new UserError(`line ${index + 1} of ${file} is damaged: it is no JSON`);
    }
  });
}
