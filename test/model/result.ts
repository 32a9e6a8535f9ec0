/** What a study found, guarantee by guarantee: how many were broken, who said so, and what is not as it has to be. */
import { checks, type GuaranteeName } from "../../checks/index.ts";
import { bugs } from "./bugs/index.ts";
import { countedIn, noTally, sumOf, type Portion, type Tally } from "./study.ts";

export interface Result {
  add(portion: Portion, tally: Tally): void;
  clean(): Tally;
  of(name: GuaranteeName): Tally;
  all(): Tally;
}

/** Of these the model breaks none, each with why. */
export const unbroken: Readonly<Partial<Record<GuaranteeName, string>>> = {
  "run-valid": "it is no promise of the queue: it never fails, it makes a run unknown",
};

export const brokenNames = Object.keys(checks)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- these are the keys of that literal
  .map((name) => name as GuaranteeName)
  .filter((name) => unbroken[name] === undefined);

export function resultOf(): Result {
  const tallies = new Map<GuaranteeName | "clean", Tally>();
  const of = (name: GuaranteeName | "clean"): Tally => tallies.get(name) ?? noTally;
  return {
    of,
    clean: () => of("clean"),
    all: () => [...tallies.values()].reduce(sumOf, noTally),
    add({ bug }, tally) {
      const name = bug === undefined ? "clean" : bugs[bug]?.breaks;
      if (name !== undefined) tallies.set(name, sumOf(of(name), tally));
    },
  };
}

/** The first row is the head. */
export function tableOf(result: Result): readonly (readonly string[])[] {
  const row = (name: string, tally: Tally): readonly string[] => [
    name,
    ...[countedIn(tally), tally.right, tally.blind, tally.wrong.length, tally.nothing].map(String),
  ];
  return [
    ["guarantee", "histories", "as it has to be", "in the blind share", "wrong", "beside: nothing broken"],
    row("clean", result.clean()),
    ...brokenNames.map((name) => row(name, result.of(name))),
    row("all", result.all()),
  ];
}
