/** How fast, and in how much memory, a day's history is judged: ten million jobs, in a process of its own. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import { monotonic } from "../std/clock.ts";
import { sibling } from "../std/sibling.ts";
import type { Bench, BenchResult } from "./contract.ts";
import { writeSyntheticHistory } from "./synthetic-history.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const judged = z.object({
  seconds: z.record(z.string(), z.number()),
  ledgerRssMiB: z.number(),
  peakRssMiB: z.number(),
  records: z.number(),
  verdicts: z.record(z.string(), z.string()),
});

/**
 * Seconds are those of the whole process, from its start to its end; the files were just written, so they are cached.
 */
export async function measureChecker(jobs: number, print: (line: string) => void): Promise<BenchResult> {
  using directory = temporaryDirectory("bench-checker");
  print(`writing the history of ${jobs} jobs`);
  await writeSyntheticHistory(directory.path, jobs);
  print("judging it");
  const from = monotonic.nowNs();
  const { stdout } = await promisify(execFile)(process.execPath, [sibling(import.meta.url, "./judge"), directory.path]);
  const seconds = (monotonic.nowNs() - from) / 1e9;
  const result = judged.parse(JSON.parse(stdout));
  return {
    figures: { seconds, peakRssMiB: result.peakRssMiB, jobs, records: result.records },
    table: [
      ["part", "seconds", "verdict"],
      ...Object.entries(result.seconds).map(([part, took]) => [part, took.toFixed(2), result.verdicts[part] ?? ""]),
      ["in all, with the start of the process", seconds.toFixed(2), ""],
      ["peak memory, MiB", result.peakRssMiB.toFixed(0), `ledger ${result.ledgerRssMiB.toFixed(0)}`],
      ["jobs", String(jobs), `${result.records} records`],
    ],
    settings: {
      jobs,
      node: process.version,
      parts: result.seconds,
      verdicts: result.verdicts,
      ledgerRssMiB: result.ledgerRssMiB,
    },
  };
}

export const bench: Bench = {
  about: "Judges the history of ten million jobs: ledger and all checks, in one process of its own.",
  run: (print) => measureChecker(10_000_000, print),
};
