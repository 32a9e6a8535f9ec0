/** The standing proof on real runs, as short as they go: it tells what it finds, and Ctrl-C keeps what was done. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJournal } from "../history/journal-file.ts";
import { eventually } from "../std/deadline.ts";
import { root } from "../rules/tree.ts";
import { aliveOf, temporaryRuns, whitewater } from "../cli/testing/whitewater.ts";
import { prove, type ProofRequest, type ProofTools } from "./proof.ts";

const timeout = 600_000;

/** A load of three seconds and no trouble, and a mutant that has no bug. */
const configuration = `
import { builtin } from ${JSON.stringify(join(root, "index.ts"))};
const { default: stream } = await builtin.systems.stream();
const load = { ...builtin.scenarios.smoke.load, jobs: 200, seconds: 3 };
export default builtin.extend({
  scenarios: { tiny: { about: "Hardly anything.", store: "memory", load, trouble: [], exercises: [] } },
  systems: { harmless: async () => ({ default: { ...stream, killedBy: "drained", under: "tiny", related: [] } }) },
});
`;

function tiny(runs: string): ProofRequest {
  const file = join(runs, "tiny.mjs");
  writeFileSync(file, configuration);
  const suspect = { name: "harmless", about: "Not broken.", killedBy: "drained", under: "tiny", related: [] };
  return {
    configuration: file,
    directory: root,
    parallel: 2,
    alone: ["tiny"],
    runs,
    given: {},
    scenarios: ["tiny"],
    systems: ["stream"],
    suspects: [suspect],
    seed: "proof",
  };
}

test("a sound engine passes, and a mutant without a bug has escaped", { timeout }, async () => {
  using runs = temporaryRuns();
  const course: (string | number | undefined)[] = [];
  const tools: ProofTools = {
    begun: (index) => void course.push(index),
    told: (index, known) => void course.push(known.rows[index]?.outcome),
  };
  const { verdict, rows } = await prove(tiny(runs.path), tools, new AbortController().signal);
  expect(rows.map(({ system, outcome, why }) => [system, outcome, why])).toEqual([
    ["stream", "pass", ""],
    ["harmless", "escaped", "drained saw nothing"],
  ]);
  expect(rows.every(({ seconds = 0 }) => seconds > 3)).toBe(true);
  expect([verdict, course]).toEqual(["fail", [0, "pass", 1, "escaped"]]);
});

test("Ctrl-C ends the run under way in order, and the page tells what was done", { timeout }, async () => {
  using runs = temporaryRuns();
  const started = whitewater(["proof", "--only", "smoke", "--seed", "cut", "--runs", runs.path]);
  const directories = (): readonly string[] =>
    readdirSync(runs.path)
      .filter((name) => /^\d{4}-/.test(name))
      .map((name) => join(runs.path, name));
  const isUnderLoad = (directory: string): boolean =>
    existsSync(join(directory, "journal.jsonl")) &&
    readJournal(join(directory, "journal.jsonl")).some((line) => line.type === "phase" && line.phase === "load");
  await eventually(() => directories().some(isUnderLoad), { deadlineMs: timeout, awaited: "a run to be under load" });
  started.kill("SIGINT");
  const { code, output } = await started.ended;
  expect(code, output).toBe(2);
  expect(output).toMatch(/^1\/2 {2}stream under smoke \.\.\. \(\d+:\d\d gone, about \d+:\d\d left\)$/m);
  expect(output).toContain("unknown: Nothing is known to be broken");
  expect(directories().flatMap(aliveOf)).toEqual([]);
  const page = readFileSync(join(runs.path, "proof.md"), "utf8");
  expect(page).toContain("| smoke | stream | not run |");
  expect(page).toContain("| smoke | stream-cluster | not run |");
});
