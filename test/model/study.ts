/**
 * Many cases, in portions of which each is made from its own seed: what comes out is the same on one thread or on
 * eight. Half are clean; the others are spread evenly over the guarantees, and count only where something was broken.
 */
import { bugs } from "./bugs/index.ts";
import type { Bug } from "./bugs/contract.ts";
import { brokenCase, cleanCase } from "./case.ts";
import { outcomeOf, type Outcome } from "./prove.ts";

export interface Portion {
  readonly seed: string;
  /** In `bugs`; undefined for clean ones. */
  readonly bug: number | undefined;
  readonly histories: number;
}

export interface Wrong {
  readonly seed: string;
  /** In words; undefined for a clean one. */
  readonly bug: string | undefined;
  readonly what: string;
}

/** What became of some histories that count. */
export interface Tally {
  readonly right: number;
  /** Within the blind share that the run states. */
  readonly blind: number;
  readonly wrong: readonly Wrong[];
  /** Beside these: nothing was broken in the end, or could be. */
  readonly nothing: number;
}

export const noTally: Tally = { right: 0, blind: 0, wrong: [], nothing: 0 };

export const sumOf = (a: Tally, b: Tally): Tally => ({
  right: a.right + b.right,
  blind: a.blind + b.blind,
  wrong: [...a.wrong, ...b.wrong],
  nothing: a.nothing + b.nothing,
});

export const countedIn = ({ right, blind, wrong }: Tally): number => right + blind + wrong.length;

const portionMost = 100;

/** @returns dear ones first, so that no thread comes to one in the end */
export function portionsOf(histories: number, seed: string): readonly Portion[] {
  const guarantees = [...Map.groupBy(bugs.keys(), (bug) => bugs[bug]?.breaks).values()];
  const broken = guarantees.flatMap((own, index) => {
    const ofThis = share(Math.floor(histories / 2), guarantees.length, index);
    return own.flatMap((bug, place) =>
      cut(share(ofThis, own.length, place), `${seed}/${bugs[bug]?.breaks}/${place}`, bug),
    );
  });
  const isDear = ({ bug }: Portion): boolean => bug !== undefined && bugs[bug]?.wishes?.load !== undefined;
  return [
    ...broken.filter(isDear),
    ...broken.filter((one) => !isDear(one)),
    ...cut(Math.ceil(histories / 2), `${seed}/clean`, undefined),
  ];
}

/** Of so many in so many parts, how many the part of that place has. */
const share = (all: number, parts: number, place: number): number =>
  Math.floor(all / parts) + (place < all % parts ? 1 : 0);

const cut = (histories: number, seed: string, bug: number | undefined): readonly Portion[] =>
  Array.from({ length: Math.ceil(histories / portionMost) }, (_, index) => ({
    seed: `${seed}/${index}`,
    bug,
    histories: Math.min(portionMost, histories - index * portionMost),
  }));

/** In a row; then a bug has met nothing that it could break. */
const vainMost = 100;

export function study({ seed, bug: at, histories }: Portion): Tally {
  const bug = at === undefined ? undefined : bugs[at];
  let tally = noTally;
  let vain = 0;
  for (let n = 0; countedIn(tally) < histories && vain < vainMost; n++) {
    const one = oneOf(`${seed}/${n}`, bug);
    vain = one.nothing === 0 ? 0 : vain + 1;
    tally = sumOf(tally, one);
  }
  return tally;
}

function oneOf(seed: string, bug: Bug | undefined): Tally {
  const one = bug === undefined ? cleanCase(seed) : brokenCase(seed, bug);
  const outcome: Outcome = one === undefined ? { is: "nothing" } : outcomeOf(one);
  switch (outcome.is) {
    case "right":
      return { ...noTally, right: 1 };
    case "excused":
      return { ...noTally, blind: 1 };
    case "nothing":
      return { ...noTally, nothing: 1 };
    case "wrong":
      return { ...noTally, wrong: [{ seed, bug: bug?.what, what: outcome.what }] };
  }
}
