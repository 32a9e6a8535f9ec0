/**
 * Nothing that befalls the files of a stored run makes it pass unmentioned, fail by a promise, or crash. More of it,
 * and on other runs: CORRUPTIONS=500 CORRUPTED_RUNS=runs/one:runs/another npm test -- test/corruption
 */
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checks } from "../checks/index.ts";
import { conclude } from "../harness/conclude.ts";
import { runDirectory } from "../harness/run-directory.ts";
import { RecordBent } from "../harness/seal.ts";
import { measures } from "../measures/index.ts";
import { json } from "../reports/json.ts";
import { markdown } from "../reports/markdown.ts";
import { seeded } from "../std/random.ts";
import { UserError } from "../std/user-error.ts";
import { corrupt, filesOf, isRecord } from "./corruption.ts";
import { backlogRun, faultyRun, narrow } from "../harness/testing/green-history.ts";
import { storeRun } from "../harness/testing/stored-run.ts";

const ways = Number(process.env["CORRUPTIONS"] ?? 120);
const given = (process.env["CORRUPTED_RUNS"] ?? "").split(":").filter((path) => path !== "");
const members = { checks, measures: {}, reports: [json, markdown] };

const sumsOf = (run: string): ReadonlyMap<string, string> =>
  new Map(
    filesOf(run).map((file) => [
      file,
      createHash("sha256")
        .update(readFileSync(join(run, file)))
        .digest("hex"),
    ]),
  );

/** Names of files that are not as they were, or no longer there, or new. */
function changedIn(run: string, before: ReadonlyMap<string, string>): readonly string[] {
  const now = sumsOf(run);
  return [...new Set([...before.keys(), ...now.keys()])].filter((file) => before.get(file) !== now.get(file));
}

/** With the measures, too, which take most of the time, or without. */
async function judged(
  run: string,
  isMeasured = false,
): Promise<{ readonly verdict: string; readonly told: readonly string[] }> {
  try {
    const { verdict, guarantees, record, reasons } = await conclude(
      runDirectory(run),
      isMeasured ? { ...members, measures } : members,
    );
    const failed = guarantees.filter((one) => one.verdict === "fail").map(({ name }) => name);
    return { verdict: failed.length > 0 ? "fail" : verdict, told: verdict === "pass" ? record.told : reasons };
  } catch (thrown) {
    // Where something else stands in the place of a report, that is said, and what to do.
    if (!(thrown instanceof RecordBent || thrown instanceof UserError)) throw thrown;
    return { verdict: "unknown", told: [thrown.message] };
  }
}

async function survivors(whole: string, other: string, seed: string, many: number): Promise<readonly unknown[]> {
  const random = seeded(seed);
  const before = sumsOf(whole);
  const parent = mkdtempSync(join(tmpdir(), "whitewater-corrupted-"));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const wrong: unknown[] = [];
  const run = join(parent, "run");
  for (let way = 0; way < many; way++) {
    rmSync(run, { recursive: true, force: true });
    cpSync(whole, run, { recursive: true });
    const what = [corrupt(run, other, random)];
    if (random.below(5) === 0) what.push(corrupt(run, other, random));
    const changed = changedIn(run, before);
    if (changed.length === 0) continue;
    // A result that is gone with its list is as that of a run that nobody judged.
    const asNew = changed.every((file) => ["result.json", "reports.sha256"].includes(file)) && changed.length === 2;
    const said = await judged(run, way % 10 === 0).catch((thrown: unknown) => ({
      verdict: `crash: ${String(thrown)}`,
      told: [],
    }));
    const isRight =
      said.told.length > 0 ? said.verdict === "unknown" || (said.verdict === "pass" && !changed.some(isRecord)) : asNew;
    if (!isRight) wrong.push({ way, what, changed, ...said });
    // And it stays so: what was told is not written over.
    else if (changed.some(isRecord) && way % 10 === 0) {
      const again = await judged(run).catch((thrown: unknown) => ({ verdict: `crash: ${String(thrown)}` }));
      if (again.verdict !== "unknown") wrong.push({ way, what, changed, again });
    }
  }
  return wrong;
}

async function storedRuns(): Promise<readonly string[]> {
  const parent = mkdtempSync(join(tmpdir(), "whitewater-stored-"));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const made = [];
  for (const [name, make] of Object.entries({ faulty: faultyRun, backlog: backlogRun })) {
    const directory = await storeRun(join(parent, name), make().run, narrow);
    const { verdict, record, reasons } = await conclude(directory, members);
    expect({ verdict, record, reasons }).toEqual({
      verdict: "pass",
      record: { checksums: "agree", differences: [], told: [] },
      reasons: [],
    });
    made.push(directory.path);
  }
  return made;
}

test(
  "nothing that befalls a stored green run is green unmentioned, makes anybody guilty, or is an accident of ours",
  { timeout: 3_600_000 },
  async () => {
    const runs = given.length > 0 ? given.map((path) => resolve(path)) : await storedRuns();
    for (const [index, run] of runs.entries()) {
      const other = runs[(index + 1) % runs.length] ?? run;
      expect({ run, wrong: await survivors(run, other, `corrupt ${index}`, ways) }).toEqual({ run, wrong: [] });
    }
  },
);
