/**
 * Chance as a model wants it: real numbers of a range, even or even by their logarithm, and a yes with so much
 * likelihood.
 */
import { seeded, type NonEmpty } from "../../std/random.ts";

export interface Dice {
  /** In [0, 1). */
  unit(): number;
  /** A real number in [from, to). */
  within(from: number, to: number): number;
  /** The same, but each power of two is as likely as the next: for times that may be short or long. */
  spread(from: number, to: number): number;
  /** An integer in [from, to], both ends included. */
  count(from: number, to: number): number;
  chance(likelihood: number): boolean;
  pick<T>(from: NonEmpty<T>): T;
}

export function dice(seed: string): Dice {
  const { unit, between, pick } = seeded(seed);
  return {
    unit,
    count: between,
    pick,
    within: (from, to) => from + unit() * (to - from),
    spread: (from, to) => from * (to / from) ** unit(),
    chance: (likelihood) => unit() < likelihood,
  };
}
