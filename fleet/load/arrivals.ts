/**
 * When each job is due: the n-th intended time is a pure function of curve, seed and n, never a sum of sleeps, so a
 * late generator is seen as late and never moves the plan. Job n is the n-th arrival, so ids are dense and in order of
 * time.
 */
import type { Curve } from "../../scenarios/contract.ts";
import { mix } from "../../std/random.ts";

export interface Arrivals {
  readonly jobs: number;
  readonly seconds: number;
  /** Milliseconds after the start of the load. Ascending in n. */
  intendedMs(n: number): number;
  /** The curve's highest rate over its mean rate. */
  readonly peakToMean: number;
}

type Point = readonly [at: number, rate: number];

/** Relative rates over the load phase (0 its start, 1 its end), straight lines between. */
const shapes: Readonly<Record<Curve, readonly Point[]>> = {
  // A working day by the hour: night, morning ramp, lunch dip, evening peak, and down again.
  day: [
    [0, 0.35],
    [3 / 24, 0.2],
    [5 / 24, 0.3],
    [8 / 24, 1.2],
    [10 / 24, 1.6],
    [12 / 24, 1.45],
    [13 / 24, 1.0],
    [14.5 / 24, 1.5],
    [17 / 24, 1.35],
    [19.5 / 24, 2.1],
    [21 / 24, 1.6],
    [1, 0.5],
  ],
  steady: [
    [0, 1],
    [1, 1],
  ],
  // The same rate all the time, but for three peaks of five times as much.
  peaks: [0.2, 0.5, 0.8]
    .reduce<readonly Point[]>((points, at) => [...points, [at, 1], [at, 5], [at + 0.04, 5], [at + 0.04, 1]], [[0, 1]])
    .concat([[1, 1]]),
  // A trickle, and twice fifty times as much at once.
  burst: [0.25, 0.6]
    .reduce<readonly Point[]>((points, at) => [...points, [at, 1], [at, 50], [at + 0.02, 50], [at + 0.02, 1]], [[0, 1]])
    .concat([[1, 1]]),
  // A little to warm up, then silence in which readers block, then the rest, for long enough to tell who never comes
  // back.
  "idle-then-burst": [
    [0, 1],
    [0.1, 1],
    [0.1, 0],
    [0.73, 0],
    [0.73, 1],
    [0.98, 1],
    [0.98, 0],
    [1, 0],
  ],
};

export function arrivals(curve: Curve, jobs: number, seconds: number, seed: number): Arrivals {
  const inverse = inverseOf(shapes[curve]);
  return {
    jobs,
    seconds,
    // One arrival in each of `jobs` equal parts of the area under the curve: random within its part, exact in number.
    intendedMs: (n) => inverse.at((n + mix(seed ^ Math.imul(n, 0x9e3779b1)) / 2 ** 32) / jobs) * seconds * 1000,
    peakToMean: inverse.peakToMean,
  };
}

/** The inverse of the share of arrivals up to a moment; within a straight piece it is a root of a quadratic. */
function inverseOf(shape: readonly Point[]): { at(share: number): number; peakToMean: number } {
  const pieces: { from: number; width: number; rate: number; slope: number; before: number }[] = [];
  let area = 0;
  for (let i = 1; i < shape.length; i++) {
    const [from, rate] = shape[i - 1] ?? [0, 0];
    const [to, rateTo] = shape[i] ?? [1, 0];
    const width = to - from;
    if (width <= 0) continue;
    const inside = ((rate + rateTo) / 2) * width;
    if (inside > 0) pieces.push({ from, width, rate, slope: (rateTo - rate) / width, before: area });
    area += inside;
  }
  return {
    peakToMean: Math.max(...shape.map(([, rate]) => rate)) / area,
    at(share) {
      const wanted = share * area;
      let index = pieces.length - 1;
      while (index > 0 && (pieces[index]?.before ?? 0) > wanted) index--;
      const piece = pieces[index];
      if (piece === undefined) return 0;
      const rest = wanted - piece.before;
      const offset =
        Math.abs(piece.slope) < 1e-12
          ? rest / piece.rate
          : (Math.sqrt(Math.max(0, piece.rate ** 2 + 2 * piece.slope * rest)) - piece.rate) / piece.slope;
      return piece.from + Math.min(offset, piece.width);
    },
  };
}
