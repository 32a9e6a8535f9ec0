/** Round numbers for an axis: steps of 1, 2 or 5 times a power of ten. */
export interface Ticks {
  readonly at: readonly number[];
  readonly decimals: number;
}

/** About `wanted` round numbers within [from, to]. */
export function ticksBetween(from: number, to: number, wanted: number): Ticks {
  const rough = (to - from) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(from / step);
  const steps = Math.floor(to / step) - first + 1;
  return {
    at: Array.from({ length: Math.max(steps, 0) }, (_, i) => (first + i) * step),
    decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)),
  };
}
