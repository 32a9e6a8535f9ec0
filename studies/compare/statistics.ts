/**
 * How two configurations relate, from laps in which both did the same, next to each other in time. What else a machine
 * does can only add to what a lap costs, and on a busy machine it adds a lot to some laps: so a round's figure is the
 * mean of its cheapest quarter. The interval is a bootstrap's: the laps of each round are drawn anew, both sides of a
 * lap together. That processes of the same program differ (where their memory lies, what was compiled when) is not in
 * it: each round has processes of its own, and what is left of it is what a margin is for.
 */
import type { Random } from "../../std/random.ts";

/** Of one lap of one round; a cost, so less is better. */
export interface Lap {
  readonly round: number;
  readonly base: number;
  readonly other: number;
}

export interface Interval {
  readonly ratio: number;
  readonly from: number;
  readonly to: number;
}

const cheapest = 1 / 4;
const draws = 1000;
/** Less says nothing about how laps differ. */
const lapsAtLeast = 3;

/** What the cheapest quarter costs. */
export const costOf = (costs: readonly number[]): number => cheapestOf(Float64Array.from(costs));

/** Sorts them in place. */
function cheapestOf(costs: Float64Array): number {
  const counted = Math.max(1, Math.round(costs.length * cheapest));
  costs.sort();
  let sum = 0;
  for (let index = 0; index < counted; index++) sum += costs[index] ?? Number.NaN;
  return sum / counted;
}

/** The geometric mean over rounds; undefined where there is nothing. */
export function typical(rounds: readonly (readonly number[])[]): number | undefined {
  const told = rounds.filter((costs) => costs.length > 0);
  return told.length === 0 ? undefined : Math.exp(mean(told.map((costs) => Math.log(costOf(costs)))));
}

/**
 * What the other costs in units of the base, with the interval that holds it in 95 of 100 such comparisons.
 * Undefined where there are too few laps to say.
 */
export function costRatio(laps: readonly Lap[], random: Random): Interval | undefined {
  const rounds = [...Map.groupBy(laps, ({ round }) => round).values()].filter(({ length }) => length >= lapsAtLeast);
  if (rounds.length === 0) return undefined;
  const redraws = rounds.map((round) => redraw(round, random));
  const drawn = Float64Array.from({ length: draws }, () => mean(redraws.map((again) => again()))).sort();
  return {
    ratio: Math.exp(mean(rounds.map((round) => Math.log(costOf(round.map(other)) / costOf(round.map(base)))))),
    from: Math.exp(drawn[Math.floor(draws * 0.025)] ?? Number.NaN),
    to: Math.exp(drawn[Math.ceil(draws * 0.975) - 1] ?? Number.NaN),
  };
}

/** Each call draws as many laps as there are, with repeats, and says the logarithm of their ratio. */
function redraw(laps: readonly Lap[], random: Random): () => number {
  const [bases, others] = [Float64Array.from(laps, base), Float64Array.from(laps, other)];
  const [drawnBases, drawnOthers] = [new Float64Array(laps.length), new Float64Array(laps.length)];
  return () => {
    for (let index = 0; index < laps.length; index++) {
      const lap = random.below(laps.length);
      drawnBases[index] = bases[lap] ?? Number.NaN;
      drawnOthers[index] = others[lap] ?? Number.NaN;
    }
    return Math.log(cheapestOf(drawnOthers) / cheapestOf(drawnBases));
  };
}

const base = (lap: Lap): number => lap.base;
const other = (lap: Lap): number => lap.other;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
