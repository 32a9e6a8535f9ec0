/** One case of the proof: a history that is clean, or that has one planted violation, made from nothing but its seed. */
import type { Bug, Planting } from "./bugs/contract.ts";
import { dice as diceFrom, type Dice } from "./dice.ts";
import { play, type Made, type Script } from "./run.ts";
import { drawTrouble, troubles, type TroubleName } from "./trouble.ts";
import { drawWorld, type Wishes, type World } from "./world.ts";

export interface Planted {
  readonly bug: Bug;
  readonly job: number | undefined;
  readonly excusable: boolean;
}

export interface Case extends Made {
  readonly seed: string;
  readonly world: World;
  readonly planted: Planted | undefined;
}

export const cleanCase = (seed: string): Case => {
  const dice = diceFrom(seed);
  const script = scriptFor(dice, { load: dice.chance(0.03) ? dice.pick(["shares", "crowd"]) : "usual" }, undefined);
  return { ...play(script, dice, seed), seed, world: script.world, planted: undefined };
};

/** Tries until there is something to be broken, and until it is. @returns undefined where that does not happen */
export function brokenCase(seed: string, bug: Bug): Case | undefined {
  for (let attempt = 0; attempt < triesMost; attempt++) {
    const found = broken(`${seed}.${attempt}`, bug);
    if (found !== undefined) return found;
  }
  return undefined;
}

const triesMost = 40;

/** Played once to count the opportunities, and once more to take one of them. */
function broken(seed: string, bug: Bug): Case | undefined {
  const opportunities = playWith(seed, bug, Number.POSITIVE_INFINITY).met;
  if (opportunities === 0) return undefined;
  const { played, script, planted } = playWith(seed, bug, diceFrom(`${seed}/which`).count(1, opportunities));
  return planted && { ...played, seed, world: script.world, planted };
}

function playWith(
  seed: string,
  bug: Bug,
  which: number,
): { readonly met: number; readonly played: Made; readonly script: Script; readonly planted: Planted | undefined } {
  const dice = diceFrom(seed);
  const script = scriptFor(dice, bug.wishes ?? {}, bug.amid);
  let met = 0;
  let pending = 0;
  let planted: Planted | undefined;
  const planting: Planting = {
    takes: () => ++met === which,
    broke: (job, excusable = false) => void (planted ??= { bug, job, excusable }),
    awaits() {
      pending++;
      return () => void pending--;
    },
  };
  const played = play(
    { ...script, prepare: (model) => bug.plant(model, planting), pending: () => pending > 0 },
    dice,
    seed,
  );
  return { met, played, script, planted };
}

function scriptFor(dice: Dice, wishes: Wishes, amid: readonly TroubleName[] | undefined): Script {
  const [first, ...more]: readonly TroubleName[] = amid ?? troubles;
  const times = first === undefined ? 0 : dice.count(amid === undefined ? 0 : 2, 7);
  const world = drawWorld(dice, wishes, times);
  const trouble =
    first === undefined ? [] : drawTrouble(dice, world, { times, names: [first, ...more], forgets: false });
  const stalled = !wishes.calm && dice.chance(0.3) ? dice.count(1, 4) : 0;
  const stall = (): Script["stalls"][number] => ({
    slot: dice.count(0, world.workers - 1),
    atMs: dice.within(0, world.loadMs),
    lastsMs: dice.spread(550, 4000),
  });
  return { world, trouble, stalls: Array.from({ length: stalled }, stall) };
}
