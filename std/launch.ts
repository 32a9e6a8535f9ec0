/**
 * Starts servers that may not be lost sight of. The process waits at a gate until its identity is on file, and ends
 * there by itself when we are gone: there is no moment in which a crash of ours leaves a server behind that nobody
 * knows of.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DeadlineError, eventually } from "./deadline.ts";
import { identify, isAlive, signal, type ProcessIdentity } from "./process-identity.ts";

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Launched {
  readonly identity: ProcessIdentity;
  /** Undefined while it runs. */
  exit(): Exit | undefined;
}

interface Terms {
  /** Its output is appended here. */
  readonly log: string;
  /** Puts the identity on file; the program begins when it returns. */
  readonly known: (identity: ProcessIdentity) => void;
  /** Beside the environment of this process. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * Reads one line, then becomes the program: the same pid, the same start time. At the end of the input it just ends.
 */
const gate = 'read -r go && exec "$@" </dev/null';

/** SIGKILL needs no consent, only a scheduler. */
const killedMs = 30_000;

/** In a process group of its own, so that Ctrl-C in the terminal does not reach it. */
export function launch(command: string, words: readonly string[], { log, known, variables = {} }: Terms): Launched {
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, "a");
  const child = spawn("/bin/sh", ["-c", gate, command, command, ...words], {
    detached: true,
    env: { ...process.env, ...variables },
    stdio: ["pipe", output, output],
  });
  closeSync(output);
  let exit: Exit | undefined;
  child.on("exit", (code, name) => (exit = { code, signal: name }));
  child.on("error", () => {}); // it has no pid then, which is told below
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity === undefined) throw new Error(`${command} cannot be started: /bin/sh did not start`);
  try {
    known(identity);
  } catch (thrown) {
    child.stdin?.destroy();
    throw thrown;
  }
  child.stdin?.on("error", () => {}); // killed at the gate
  child.stdin?.end("go\n");
  child.unref(); // whoever started it ends it
  return { identity, exit: () => exit };
}

/** Ends a process: with `name` first, with SIGKILL once `graceMs` have passed. Resolves when it is gone. */
export async function end(identity: ProcessIdentity, name: NodeJS.Signals, graceMs: number): Promise<void> {
  if (!signal(identity, name)) return;
  try {
    await gone(identity, graceMs);
  } catch (thrown) {
    if (!(thrown instanceof DeadlineError)) throw thrown;
    signal(identity, "SIGKILL");
    await gone(identity, killedMs);
  }
}

/** @throws DeadlineError when it is still there after `deadlineMs` */
export const gone = (identity: ProcessIdentity, deadlineMs: number): Promise<boolean> =>
  eventually(() => !isAlive(identity), { deadlineMs, awaited: `process ${identity.pid} to be gone` });
