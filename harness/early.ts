/**
 * Ends a run as soon as a threshold that asks for it can no longer be held, whatever the jobs still to come would take.
 * A process of its own looks at the record that is there so far, and judges it as it will be judged in the end: there
 * is no second, quicker truth.
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { z } from "zod";
import { sibling } from "../std/sibling.ts";
import type { RunDirectory } from "./run-directory.ts";
import type { AskedThreshold } from "./thresholds.ts";

/** Looks are far enough apart to take a tenth of a core at most. */
export const pauseAfter = (tookMs: number): number => Math.max(2000, 9 * tookMs);

export const missedLine = z.object({
  missed: z.array(z.object({ text: z.string(), said: z.string(), atSeconds: z.number() })).min(1),
});
export type MissedLine = z.infer<typeof missedLine>;

/** A user's configuration may print lines of its own beside. */
const said = z
  .string()
  .transform((line, { issues, value }) => {
    try {
      return JSON.parse(line);
    } catch {
      issues.push({ code: "custom", message: "no JSON", input: value });
      return z.NEVER;
    }
  })
  .pipe(missedLine);

interface Wanted {
  readonly asked: readonly AskedThreshold[];
  readonly directory: RunDirectory;
  /** The module whose default export the catalogues are. */
  readonly configuration: string;
}

/** @param end called once, with why; the looking is over when it is disposed of */
export function watchThresholds({ asked, directory, configuration }: Wanted, end: (why: Error) => void): Disposable {
  if (!asked.some(({ endsRun }) => endsRun)) return { [Symbol.dispose]() {} };
  const log = openSync(directory.log("thresholds"), "a");
  const looking = spawn(
    process.execPath,
    [sibling(import.meta.url, "./early-process"), directory.path, configuration],
    {
      stdio: ["pipe", "pipe", log],
    },
  );
  closeSync(log);
  looking.on("error", () => {}); // without it the run lasts its time, and is judged all the same
  looking.stdin?.on("error", () => {});
  if (looking.stdout !== null)
    createInterface({ input: looking.stdout }).on("line", (line) => {
      const { data } = said.safeParse(line);
      if (data !== undefined) end(new Error(whyOf(data)));
    });
  return {
    [Symbol.dispose]() {
      looking.stdin?.end();
      looking.kill("SIGKILL"); // it holds nothing: it only reads
    },
  };
}

const whyOf = ({ missed }: MissedLine): string =>
  missed
    .map(
      ({ text, said, atSeconds }) =>
        `the threshold "${text} else end" could no longer be held ${atSeconds.toFixed(1)} s after the load began (${said} so far)`,
    )
    .join("; ");
