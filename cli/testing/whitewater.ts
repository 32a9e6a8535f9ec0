/** Starts the command as a person would, in a process of its own, and says how it ended. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJournal } from "../../history/journal-file.ts";
import { isAlive, type ProcessIdentity } from "../../std/process-identity.ts";

export interface Started {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

export const trial = join(import.meta.dirname, "trial.ts");

const main = join(import.meta.dirname, "..", "main.ts");

/** @param program another that takes the same words */
export function whitewater(args: readonly string[], cwd = process.cwd(), env = process.env, program = main): Started {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => void (output += text));
  return {
    pid: child.pid ?? -1,
    kill: (signal) => void child.kill(signal),
    ended: new Promise((resolve) => child.once("close", (code) => resolve({ code, output }))),
  };
}

/** A place for runs that is gone after the test. */
export function temporaryRuns(): Disposable & { readonly path: string; newest(): string } {
  const path = mkdtempSync(join(tmpdir(), "whitewater-test-runs-"));
  return {
    path,
    newest: () => newestIn(path),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

export const newestIn = (runs: string): string =>
  join(
    runs,
    readdirSync(runs)
      .filter((name) => /^\d{4}-/.test(name))
      .toSorted()
      .at(-1) ?? "none",
  );

/** Every process that the run ever started, itself among them. */
export const processesOf = (run: string): readonly ProcessIdentity[] =>
  readJournal(join(run, "journal.jsonl")).flatMap((line) =>
    line.type === "spawned" || line.type === "helper" ? [line.identity] : [],
  );

export const aliveOf = (run: string): readonly ProcessIdentity[] => processesOf(run).filter(isAlive);

export const readResult = (run: string): unknown => JSON.parse(readFileSync(join(run, "result.json"), "utf8"));
