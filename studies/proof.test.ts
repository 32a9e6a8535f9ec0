import { expect, test } from "vitest";
import type { Overall } from "../reports/contract.ts";
import { sampleResult } from "../reports/testing/sample-result.ts";
import type { StudiedMutant } from "./mutants/suspects.ts";
import type { Told } from "./mutants/verdict.ts";
import { proofPage } from "./proof-page.ts";
import { cellsOfProof, proofOf, type Proof } from "./proof.ts";

const suspect: StudiedMutant = { name: "leaky", about: "Leaks.", killedBy: "no-loss", under: "smoke", related: [] };
const where = { configuration: "", directory: "", runs: "runs", given: {} };
const request = {
  ...where,
  scenarios: ["smoke", "day"],
  systems: ["stream", "stream-cluster"],
  suspects: [suspect],
  seed: "s",
  parallel: 1,
  alone: [],
};
const cells = cellsOfProof(request);

const sample = sampleResult("pass");

function told(verdict: Overall, red: readonly string[] = []): Told {
  const head = { about: "", claimed: true, promise: true, exercised: false, terms: null };
  const guarantees = red.map(
    (name) =>
      ({ ...head, name, verdict: "fail", judged: 1, exposed: 1, counts: {}, violations: 1, examples: [] }) as const,
  );
  return {
    ...sample,
    verdict,
    guarantees,
    reasons: verdict === "pass" ? [] : red.length > 0 ? red.map((name) => `${name}: | broken`) : ["run-valid: a hole"],
  };
}

const green = told("pass");
const killed = told("fail", ["no-loss"]);

/** In the order of the cells; undefined where it was not run. */
const proved = (...all: readonly (Told | undefined)[]): Proof =>
  proofOf(
    "s",
    cells,
    new Map(
      cells.flatMap((cell, index) => {
        const one = all[index];
        return one === undefined ? [] : [[cell, one] as const];
      }),
    ),
  );

test("every scenario is run on every system, then every mutant under its own, all on one seed", () => {
  expect(cells.map(({ scenario, system, suspect: mutant }) => [scenario, system, mutant?.killedBy])).toEqual([
    ["smoke", "stream", undefined],
    ["smoke", "stream-cluster", undefined],
    ["day", "stream", undefined],
    ["day", "stream-cluster", undefined],
    ["smoke", "leaky", "no-loss"],
  ]);
  expect(new Set(cells.map(({ seed }) => seed))).toEqual(new Set(["s"]));
});

test("what fills the machine goes first", () => {
  const alone = cellsOfProof({ ...request, alone: ["day"] });
  expect(alone.map(({ scenario }) => scenario)).toEqual(["day", "day", "smoke", "smoke", "smoke"]);
});

test.each([
  ["pass", [green, green, green, green, killed]],
  ["fail", [green, killed, green, green, killed]],
  // The mutant escaped, or something else was red over it.
  ["fail", [green, green, green, green, green]],
  ["fail", [green, green, green, green, told("fail", ["no-loss", "drained"])]],
  ["unknown", [green, told("unknown"), green, green, killed]],
  ["unknown", [green, { failed: "no process" }, green, green, killed]],
  ["unknown", [green, green, green, green, told("unknown")]],
  // What was not run is not known; a failure is one however early it was stopped.
  ["unknown", [green, green]],
  ["unknown", []],
  ["fail", [killed]],
] as const)("%s", (verdict, all) => {
  expect(proved(...all).verdict).toBe(verdict);
});

test("a row says what came of it, how long it took and what is not as it should be", () => {
  const { rows } = proved(green, killed, told("unknown"), { failed: "no process" }, told("fail", ["drained"]));
  expect(rows.map(({ outcome, why }) => [outcome, why])).toEqual([
    ["pass", ""],
    ["fail", "no-loss: | broken"],
    ["unknown", "run-valid: a hole"],
    ["unknown", "no process"],
    ["escaped, false alarm", "no-loss saw nothing; red without a reason: drained"],
  ]);
  expect(rows.map(({ seconds }) => seconds)).toEqual([
    sample.run.seconds,
    sample.run.seconds,
    sample.run.seconds,
    undefined,
    sample.run.seconds,
  ]);
});

test("what proved nothing is known by its second run, and its row says what the first one said", () => {
  const [first, ...others] = cells;
  if (first === undefined) throw new Error("no cells");
  const all = new Map(cells.map((cell) => [cell, cell.suspect === undefined ? green : killed] as const));
  all.set(first, told("unknown"));
  for (const [second, verdict] of [
    [green, "pass"],
    [told("unknown"), "unknown"],
    [killed, "fail"],
  ] as const) {
    const proof = proofOf("s", cells, all, new Map([[first, second]]));
    expect(proof.verdict).toBe(verdict);
    expect(proof.rows[0]?.outcome).toBe(`${verdict}, second run`);
    expect(proof.rows[0]?.why).toContain("the first run proved nothing: run-valid: a hole");
  }
  expect(others.length).toBe(4);
});

test("the page has a row for each, of those that were not run as well, and says where to look", () => {
  const page = proofPage({ proof: proved(green, killed), commit: "0123456789abcdef", seconds: 3_540 });
  expect(page).toContain("**fail**: A promise was broken");
  expect(page).toContain("Seed s, commit 0123456789ab, 59 min.");
  expect(page).toContain(`| smoke | stream | pass | ${sample.run.seconds.toFixed(0)} |  |`);
  expect(page).toContain(String.raw`| smoke | stream-cluster | fail | 110 | no-loss: \| broken |`);
  expect(page).toContain("| day | stream | not run |  |  |");
  expect(page).toContain("| leaky | smoke | no-loss | not run |  |  |");
  expect(page).toContain(`- stream-cluster under smoke: ${sample.run.directory}`);
  expect(page.endsWith("\n")).toBe(true);
});
