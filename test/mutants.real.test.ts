/**
 * `whitewater mutants` on a folder of one's own: what is broken is killed, what is not escapes, and Ctrl-C ends it in
 * order.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { readJournal } from "../history/journal-file.ts";
import { eventually } from "../std/deadline.ts";
import { read, root } from "../rules/tree.ts";
import { aliveOf, temporaryRuns, whitewater } from "../cli/testing/whitewater.ts";

const timeout = 300_000;

/** The one that the documents show. */
function example(): string {
  const shown = /^```ts\n(.*?)^```$/ms.exec(read("docs/mutants.md").text)?.[1] ?? "";
  return shown.replace('"whitewater"', JSON.stringify(join(root, "index.ts")));
}
const harmless = `export { default } from "./shared.ts";\n`;
/** Not broken, and under two names. */
const shared = `
import { builtin } from ${JSON.stringify(join(root, "index.ts"))};
const { default: stream } = await builtin.systems.stream();
export const nothing = 0;
export default { ...stream, about: "Not broken.", killedBy: "drained", under: "smoke", related: [] };
`;

const matrix = z.object({
  verdict: z.string(),
  mutants: z.array(
    z.object({ name: z.string(), verdict: z.string(), runs: z.array(z.object({ outcome: z.string() })) }),
  ),
  clean: z.array(z.object({ scenario: z.string(), verdict: z.string() })),
});

test("the mutant of the documents is killed, and one that is not broken escapes", { timeout }, async () => {
  using runs = temporaryRuns();
  const folder = join(runs.path, "broken");
  mkdirSync(folder);
  writeFileSync(join(folder, "forgets.ts"), example());
  writeFileSync(join(folder, "harmless.ts"), harmless);
  writeFileSync(join(folder, "shared.ts"), shared);
  const words = ["forgets", "harmless", "--from", folder, "--seeds", "1", "--seed", "own", "--parallel", "3"];
  const ended = await whitewater(["mutants", ...words, "--runs", runs.path]).ended;
  expect(ended.code, ended.output).toBe(1);
  expect(ended.output).toMatch(/forgets under smoke, seed own\.1: .*killed by no-acked-loss/);
  expect(ended.output).toMatch(/harmless under smoke, seed own\.1: .*escaped drained/);
  expect(matrix.parse(JSON.parse(readFileSync(join(runs.path, "mutants.json"), "utf8")))).toEqual({
    verdict: "fail",
    mutants: [
      { name: "forgets", verdict: "pass", runs: [{ outcome: "killed" }] },
      { name: "harmless", verdict: "fail", runs: [{ outcome: "escaped" }] },
    ],
    clean: [{ scenario: "smoke", verdict: "pass" }],
  });
  expect(readFileSync(join(runs.path, "mutants.md"), "utf8")).toContain("| forgets | smoke | no-acked-loss | 1 of 1 |");
});

test("stopped by SIGINT, it stops every run and says what is known", { timeout }, async () => {
  using runs = temporaryRuns();
  const words = ["mutants", "no-reclaim", "backoff-ignored", "--seeds", "2", "--parallel", "2", "--runs", runs.path];
  const started = whitewater(words);
  const directories = (): readonly string[] =>
    readdirSync(runs.path)
      .filter((name) => /^\d{4}-/.test(name))
      .map((name) => join(runs.path, name));
  const isUnderLoad = (directory: string): boolean =>
    existsSync(join(directory, "journal.jsonl")) &&
    readJournal(join(directory, "journal.jsonl")).some((line) => line.type === "phase" && line.phase === "load");
  await eventually(() => directories().filter(isUnderLoad).length >= 2, {
    deadlineMs: 120_000,
    awaited: "two runs to be under load",
  });
  started.kill("SIGINT");
  const ended = await started.ended;
  expect(ended.code, ended.output).toBe(2);
  expect(ended.output).toContain("No mutant is known to have escaped, but not all runs prove something.");
  expect(directories().flatMap(aliveOf)).toEqual([]);
  expect(matrix.parse(JSON.parse(readFileSync(join(runs.path, "mutants.json"), "utf8")))).toMatchObject({
    verdict: "unknown",
    mutants: [{ runs: [] }, { runs: [] }],
  });
});
