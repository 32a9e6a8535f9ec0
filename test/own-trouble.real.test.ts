/**
 * What no fault did to the run's own servers and processes, and the queue can do nothing about, makes the run unknown
 * and is named before all else; what a process did to itself is told, with its last words.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJournal } from "../history/journal-file.ts";
import type { JournalLine } from "../history/journal.ts";
import { resultSchema } from "../reports/result-schema.ts";
import { eventually } from "../std/deadline.ts";
import { signal, type ProcessIdentity } from "../std/process-identity.ts";
import { canMount, smallDisk } from "../harness/environment/testing/small-disk.ts";
import { aliveOf, readResult, temporaryRuns, whitewater } from "../cli/testing/whitewater.ts";

const configuration = join(import.meta.dirname, "own-trouble.ts");
const timeout = 300_000;
const deadlineMs = 120_000;

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly result: ReturnType<typeof resultSchema.parse>;
}

/** @param meanwhile what is done once the load is under way */
async function run(
  words: readonly string[],
  meanwhile: (lines: readonly JournalLine[]) => void = () => {},
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  using runs = temporaryRuns();
  const started = whitewater(
    ["run", ...words, "--config", configuration, "--seed", "trouble", "--runs", runs.path],
    process.cwd(),
    { ...process.env, ...variables },
  );
  const lines = await eventually(
    () => {
      const journal = join(runs.newest(), "journal.jsonl");
      const all = existsSync(journal) ? readJournal(journal) : [];
      return all.some((line) => line.type === "phase" && line.phase === "load") && all;
    },
    { deadlineMs, awaited: "the load" },
  );
  meanwhile(lines);
  const { code, output } = await started.ended;
  expect(aliveOf(runs.newest())).toEqual([]);
  return { code, output, result: resultSchema.parse(readResult(runs.newest())) };
}

const killing =
  (isIt: (line: JournalLine) => boolean) =>
  (lines: readonly JournalLine[]): void => {
    const it = lines.find(isIt);
    const identity: ProcessIdentity | undefined = it !== undefined && "identity" in it ? it.identity : undefined;
    if (identity === undefined || !signal(identity, "SIGKILL")) throw new Error("nobody to kill");
  };
const server = (name: string) => (line: JournalLine) => line.type === "helper" && line.name === name;

/** The first reason of a run that is unknown, and in which nothing was broken; the terminal has it, too. */
function reasonOf({ code, output, result }: Ended): string {
  expect(result.guarantees.filter(({ claimed, verdict }) => claimed && verdict === "fail")).toEqual([]);
  expect(code, output).toBe(2);
  const [reason = ""] = result.reasons;
  expect(output).toContain(reason.slice(0, 80));
  return reason;
}

test("a store that somebody killed", { timeout }, async () => {
  const ended = await run(["quiet"], killing(server("redis-server")));
  expect(reasonOf(ended)).toMatch(/^run-valid: the store at [\d.:]+ ended with SIGKILL, and not by the run;/);
});

test("a Toxiproxy that somebody killed", { timeout }, async () => {
  const ended = await run(["proxied"], killing(server("toxiproxy-server")));
  expect(reasonOf(ended)).toMatch(/^run-valid: the Toxiproxy at [\d.:]+ ended with SIGKILL, and not by the run;/);
});

test.runIf(canMount)("a disk that is full (needs Linux and root, to mount one)", { timeout }, async () => {
  using disk = smallDisk(8);
  const ended = await run(["kept"], undefined, { TMPDIR: disk.path });
  expect(reasonOf(ended)).toMatch(
    /^run-valid: (a disk is full but for \d+ KiB: that of|the store at [\d.:]+ cannot write its append-only)/,
  );
  expect(ended.result.trouble.map(({ what }) => what).join()).toMatch(/No space left on device/);
});

test.runIf(canMount)("no room for the record (needs Linux and root, to mount a disk)", { timeout }, async () => {
  using disk = smallDisk(8);
  const started = whitewater(["run", "quiet", "--config", configuration, "--runs", disk.path]);
  const { code, output } = await started.ended;
  expect(output).toMatch(/run-valid: a disk is full but for \d+ KiB/);
  expect(code, output).toBe(2);
});

test("a worker that somebody killed", { timeout }, async () => {
  const ended = await run(
    ["quiet"],
    killing((line) => line.type === "spawned" && line.role === "worker"),
  );
  expect(reasonOf(ended)).toMatch(/^run-valid: worker \d \(process \d\) was ended by SIGKILL/);
  expect(ended.result.deaths).toMatchObject([{ role: "worker", by: "outside", signal: "SIGKILL" }]);
});

test("workers whose heap is exhausted are the queue's own, and told with their last words", { timeout }, async () => {
  const ended = await run(["quiet", "--system", "leaking"], undefined, { NODE_OPTIONS: "--max-old-space-size=96" });
  const [first] = ended.result.deaths;
  expect(first).toMatchObject({ role: "worker", by: "itself", signal: "SIGABRT" });
  expect(first?.lastWords.join("\n")).toMatch(/FATAL ERROR: .*heap/);
  expect(ended.result.reasons[0]).toMatch(/^workers-survive: Worker process \d+ ended by itself .*SIGABRT.*heap/);
  expect(ended.code, ended.output).toBe(1);
  expect(ended.output).toMatch(/deaths +\d process(es)? ended by (itself|themselves)/);
  expect(ended.output).toMatch(/heap/);
});
