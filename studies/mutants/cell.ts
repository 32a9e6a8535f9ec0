/**
 * One run of the matrix, in a process of its own: while one is judged, the faults of the others have to come in time.
 */
import { fork } from "node:child_process";
import type { Choice } from "../../harness/plan.ts";
import type { RunRequest } from "../../harness/run.ts";
import { sibling } from "../../std/sibling.ts";
import { messageOf, UserError } from "../../std/user-error.ts";
import type { Told } from "./verdict.ts";

/** What the process is told once, and all that it needs. */
export interface CellAssignment extends Pick<RunRequest, "configuration" | "directory" | "runs" | "given"> {
  readonly choice: Choice;
}

export type ToCell = { readonly type: "assignment"; readonly assignment: CellAssignment } | { readonly type: "stop" };

export type FromCell =
  | { readonly type: "told"; readonly told: Told }
  /** It was stopped: what was cut short is no test. */
  | { readonly type: "stopped" }
  /** Whoever configured it can mend that. */
  | { readonly type: "mistake"; readonly why: string };

/**
 * Undefined when it was stopped.
 * @throws UserError when something that it needs cannot be had
 */
export function runCell(assignment: CellAssignment, stop: AbortSignal): Promise<Told | undefined> {
  const cell = fork(sibling(import.meta.url, "./cell-process"), [], {
    execArgv: [],
    detached: true, // Ctrl-C in the terminal is handled here
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const say = (message: ToCell): void => void (cell.connected && cell.send(message, () => {})); // its exit tells
  const end = (): void => say({ type: "stop" });
  stop.addEventListener("abort", end, { once: true });
  say({ type: "assignment", assignment });
  if (stop.aborted) end();
  return new Promise<Told | undefined>((resolve, reject) => {
    let heard: FromCell | undefined;
    cell.on("message", (message: FromCell) => {
      heard = message;
    });
    cell.on("error", (error) => resolve({ failed: messageOf(error) }));
    cell.on("exit", (code, signal) => {
      if (heard?.type === "told") resolve(heard.told);
      else if (heard?.type === "stopped") resolve(undefined);
      else if (heard?.type === "mistake") reject(new UserError(heard.why));
      else resolve({ failed: `the process of the run ended (${signal ?? `exit code ${code}`})` });
    });
  }).finally(() => stop.removeEventListener("abort", end));
}
