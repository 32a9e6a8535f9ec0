/**
 * A process beside the harness that cleans up when the harness cannot: after SIGKILL, an out-of-memory kill, a crash.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { within } from "../std/deadline.ts";
import { sibling } from "../std/sibling.ts";
import { ownMark } from "../std/mark.ts";
import { runDirectory } from "./run-directory.ts";

export interface Guardian {
  /** Tells it that nothing is left to clean up; resolves when it is gone. */
  dismiss(): Promise<void>;
}

const goneMs = 10_000;

/** @param path the run's directory, in which the journal has begun */
export function startGuardian(path: string): Guardian {
  const directory = runDirectory(path);
  const log = directory.log("guardian");
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, "a");
  const journal = openSync(directory.journal, "r");
  const guardian = spawn(process.execPath, [sibling(import.meta.url, "./guardian-process"), path, ownMark()], {
    detached: true,
    stdio: ["pipe", output, output, journal],
  });
  closeSync(output);
  closeSync(journal);
  const exited = once(guardian, "exit");
  exited.catch(() => {}); // it did not start: the next start of the harness cleans up instead
  guardian.stdin?.on("error", () => {}); // it is gone already
  guardian.unref();
  return {
    async dismiss() {
      guardian.stdin?.end("dismissed\n");
      if (guardian.exitCode !== null || guardian.signalCode !== null || guardian.pid === undefined) return;
      guardian.ref();
      await within(exited, goneMs, "the guardian to be gone").catch(() => guardian.kill("SIGKILL"));
    },
  };
}
