/**
 * One case of the proof: a history that is clean, or that has one planted violation, made from nothing but its seed.
 */
import type { Bug, Planting } from "./bugs/contract.ts";
import { dice as diceFrom, type Dice } from "./dice.ts";
import { play, type Made, type Model, type Script } from "./run.ts";
import { drawTrouble, troubles, type TroubleName } from "./trouble.ts";
import { drawWorld, type Wishes, type World } from "./world.ts";

export interface Planted {
  readonly bug: Bug;
  readonly job: number | undefined;
  excusable(): boolean;
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

/** The first opportunity after some moment is taken; where there is none, one of those before it, in another play. */
function broken(seed: string, bug: Bug): Case | undefined {
  const which = diceFrom(`${seed}/which`);
  const fromMs = which.chance(0.3) ? Number.NEGATIVE_INFINITY : which.unit();
  const first = playWith(seed, bug, (_, nowMs, loadMs) => nowMs >= fromMs * loadMs);
  if (first.met === 0) return undefined;
  const taken = which.count(1, first.met);
  const { played, script, planted } = first.taken ? first : playWith(seed, bug, (met) => met === taken);
  return planted && { ...played, seed, world: script.world, planted };
}

interface Played {
  /** How many opportunities there were, and whether one was taken. */
  readonly met: number;
  readonly taken: boolean;
  readonly played: Made;
  readonly script: Script;
  readonly planted: Planted | undefined;
}

function playWith(seed: string, bug: Bug, isIt: (met: number, nowMs: number, loadMs: number) => boolean): Played {
  const dice = diceFrom(seed);
  const script = scriptFor(dice, bug.wishes ?? {}, bug.amid);
  let nowMs = (): number => Number.NEGATIVE_INFINITY;
  let met = 0;
  let taken = false;
  let pending = 0;
  let planted: Planted | undefined;
  const planting: Planting = {
    takes() {
      met++;
      if (taken || !isIt(met, nowMs(), script.world.loadMs)) return false;
      taken = true;
      return true;
    },
    broke(job, excusable = false) {
      planted ??= { bug, job, excusable: typeof excusable === "function" ? excusable : () => excusable };
    },
    awaits() {
      pending++;
      return () => void pending--;
    },
  };
  const prepare = (model: Model): void => {
    nowMs = model.simulation.now;
    bug.plant(model, planting);
  };
  const played = play({ ...script, prepare, pending: () => pending > 0 }, dice, seed);
  return { met, taken, played, script, planted };
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
