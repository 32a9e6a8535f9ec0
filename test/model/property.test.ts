/**
 * The proof of the prover: a model of a queue makes 10,000 histories, half of them clean, the others with one planted
 * bug each. A clean one accuses nobody; a broken one is failed by the check that owns the bug, and by no other.
 */
import { expect, test } from "vitest";
import { checks } from "../../checks/index.ts";
import { bugs } from "./bugs/index.ts";
import { brokenNames, resultOf, unbroken } from "./result.ts";
import { countedIn, portionsOf, study } from "./study.ts";
import { studyAll } from "./threads.ts";

const histories = 10_000;
const brokenLeast = 100;
/** Seen in a million: what goes beyond it is no chance. */
const blindMost = 0.1;

test("every guarantee has a bug that breaks it, or a reason why it has none", () => {
  const broken: readonly string[] = bugs.map(({ breaks }) => breaks);
  const without = Object.keys(checks).filter((name) => !broken.includes(name));
  expect(without.toSorted()).toEqual(Object.keys(unbroken).toSorted());
});

test("a portion comes out the same, whenever and wherever it is studied", () => {
  const [portion] = portionsOf(200, "again");
  expect(portion).toBeDefined();
  if (portion !== undefined) expect(study(portion)).toEqual(study(portion));
});

/** A minute or two where nothing else is done. */
const timeout = 1_800_000;

test(`${histories} histories are judged as they have to be`, { timeout }, async () => {
  const result = resultOf();
  await studyAll(portionsOf(histories, "ci"), result.add);
  expect(result.all().wrong).toEqual([]);
  expect(countedIn(result.clean())).toBe(histories / 2);
  for (const name of brokenNames) {
    const tally = result.of(name);
    expect([name, countedIn(tally) >= brokenLeast, tally.blind <= blindMost * countedIn(tally)]).toEqual([
      name,
      true,
      true,
    ]);
  }
});
