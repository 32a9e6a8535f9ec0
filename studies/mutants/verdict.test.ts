import { expect, test } from "vitest";
import type { Guarantee, Overall, Result } from "../../reports/contract.ts";
import { sampleResult } from "../../reports/testing/sample-result.ts";
import type { StudiedMutant } from "./suspects.ts";
import { cleanRow, cleanRun, matrixOf, mutantRow, mutantRun, type MutantRow } from "./verdict.ts";
import { cleanFindings, findingsOf, matrixPage } from "./page.ts";

const suspect: StudiedMutant = {
  name: "leaky",
  about: "Leaks.",
  killedBy: "no-loss",
  under: "day",
  related: ["metrics"],
};

/** A run in which these guarantees came out so; what is not named passed. A red name in brackets is not claimed. */
function ran(verdict: Overall, red: readonly string[] = [], unknown: readonly string[] = []): Result {
  const sample = sampleResult("pass");
  const head = { about: "", promise: true, exercised: false, terms: null };
  const guarantees: Guarantee[] = [
    { ...head, name: "fine", claimed: true, verdict: "pass", tried: true, judged: 1, exposed: 1, counts: {} },
    ...red.map((name): Guarantee => ({
      ...head,
      name: name.replaceAll(/[[\]]/g, ""),
      claimed: !name.startsWith("["),
      verdict: "fail",
      judged: 1,
      exposed: 1,
      counts: {},
      violations: 1,
      examples: [],
    })),
    ...unknown.map((name): Guarantee => ({
      ...head,
      name,
      claimed: true,
      verdict: "unknown",
      reason: "a hole",
      counts: {},
    })),
  ];
  return { ...sample, verdict, guarantees, reasons: unknown.map((name) => `${name}: a hole`) };
}

const row = (...runs: readonly Parameters<typeof mutantRun>[2][]): MutantRow =>
  mutantRow(
    suspect,
    runs.map((run, index) => mutantRun(suspect, String(index), run)),
  );
const killed = ran("fail", ["no-loss"]);
const green = ran("pass");
const doubtful = ran("unknown", [], ["run-valid"]);

test("a mutant is killed by the check that it names, and by no other", () => {
  const outcome = (...args: Parameters<typeof ran>) => mutantRun(suspect, "1", ran(...args));
  expect(outcome("fail", ["no-loss"])).toMatchObject({ outcome: "killed", falseAlarms: [] });
  expect(outcome("fail", ["no-loss", "metrics"])).toMatchObject({ outcome: "killed", falseAlarms: [] });
  expect(outcome("fail", ["no-loss", "drained"])).toMatchObject({ outcome: "killed", falseAlarms: ["drained"] });
  expect(outcome("fail", ["metrics"])).toMatchObject({ outcome: "escaped", falseAlarms: [] });
  expect(outcome("fail", ["drained"])).toMatchObject({ outcome: "escaped", falseAlarms: ["drained"] });
  expect(outcome("pass")).toMatchObject({ outcome: "escaped" });
  expect(outcome("pass", ["[no-loss]"]), "nobody claimed it").toMatchObject({ outcome: "escaped", red: [] });
});

test("a run that proves nothing is neither an escape nor a kill, unless the check is red all the same", () => {
  expect(mutantRun(suspect, "1", doubtful)).toMatchObject({ outcome: "unknown", why: "run-valid: a hole" });
  expect(mutantRun(suspect, "1", ran("fail", ["metrics"], ["run-valid"]))).toMatchObject({ outcome: "unknown" });
  expect(mutantRun(suspect, "1", ran("fail", ["no-loss"], ["run-valid"]))).toMatchObject({ outcome: "killed" });
  expect(mutantRun(suspect, "1", { failed: "no port" })).toMatchObject({ outcome: "unknown", why: "no port" });
});

test("a mutant is killed in nine of ten runs or more; one false alarm is one too many; an unknown run decides nothing", () => {
  expect(row(killed, killed, killed).verdict).toBe("pass");
  expect(row(...Array.from({ length: 9 }, () => killed), green).verdict).toBe("pass");
  expect(row(killed, killed, green).verdict).toBe("fail");
  expect(row(killed, killed, doubtful).verdict).toBe("unknown");
  expect(row(killed, green, doubtful).verdict).toBe("fail");
  expect(row(doubtful).verdict).toBe("unknown");
  expect(row().verdict).toBe("unknown");
  expect(row(killed, ran("fail", ["no-loss", "drained"])).verdict).toBe("fail");
});

test("the clean system has to be green in every run", () => {
  const clean = (...runs: readonly Result[]) =>
    cleanRow(
      "stream",
      "day",
      runs.map((run, index) => cleanRun(String(index), run)),
    );
  expect(clean(green, green).verdict).toBe("pass");
  expect(clean(green, doubtful).verdict).toBe("unknown");
  expect(clean(green, doubtful, ran("fail", ["no-loss"])).verdict).toBe("fail");
  expect(cleanFindings(clean(green, doubtful, ran("fail", ["no-loss"])))).toEqual([
    expect.stringContaining("seed 1: unknown: run-valid: a hole"),
    expect.stringContaining("seed 2: fail: no-loss"),
  ]);
});

test("the matrix passes when all of it does and nothing of it is missing", () => {
  const clean = cleanRow("stream", "day", [cleanRun("1", green)]);
  expect(matrixOf(["1"], [row(killed)], [clean], 2).verdict).toBe("pass");
  expect(matrixOf(["1"], [row(killed)], [clean], 3).verdict).toBe("unknown");
  expect(matrixOf(["1"], [row(green)], [clean], 3).verdict).toBe("fail");
  expect(matrixOf(["1"], [], [], 0).verdict).toBe("unknown");
});

test("the page has a row for each mutant, and says where to look", () => {
  const wolf = row(killed, ran("fail", ["no-loss", "metrics", "drained"]), green, doubtful);
  const page = matrixPage(matrixOf(["1"], [wolf], [cleanRow("stream", "day", [cleanRun("1", green)])], 5));
  expect(page).toContain("| leaky | day | no-loss | 2 of 4 | metrics 1 of 4 | drained 1 of 4 |");
  expect(page).toContain("| stream | day | 1 of 1 |");
  const { directory } = green.run;
  expect(findingsOf(wolf)).toEqual([
    `leaky, seed 1: red without a reason: drained (${directory})`,
    `leaky, seed 2: escaped no-loss (${directory})`,
    `leaky, seed 3: unknown: run-valid: a hole (${directory})`,
  ]);
  for (const finding of findingsOf(wolf)) expect(page).toContain(`- ${finding}`);
});
