/**
 * The store's own clock, as it was asked now and then on a direct link, laid against CLOCK_MONOTONIC: what retries and
 * delays are judged by. It may jump at any time between two questions, so what is known of it is a range, never a point.
 *
 *   store's ms        ___/ jumped somewhere in here: both lines are possible until the next question
 *             ___ ___/
 *            x       x        monotonic ns
 */

/** In order of time. */
export interface StoreClock {
  /** ns since origin: when the answer was there. */
  readonly at: Float64Array;
  /** ms since 1970, read at most `widthMs` before. */
  readonly ms: Float64Array;
  readonly widthMs: Float64Array;
}

/** Between questions further apart nothing is known. */
const gapNsMax = 2e9;
/** Redis servers decide what is due in whole milliseconds. */
const grainMs = 1;

/**
 * Whether that much time can have passed by the store's clock between some moment and a later one, both between `from` and
 * `to` (ns since origin). It is what a promise "not before" comes to: nobody knows when exactly the system looked.
 * @returns undefined where the clock is not known well enough to deny it
 */
export function mayHavePassed(clock: StoreClock, from: number, to: number, ms: number): boolean | undefined {
  const [first, last] = [firstAfter(clock.at, from), firstAfter(clock.at, to)];
  const begun = rangeAt(clock, first, from);
  const over = rangeAt(clock, last, to);
  if (first < last && begun !== undefined && over !== undefined && over.high - begun.low + grainMs >= ms) return true;
  // Not from end to end; but a clock that was set back meanwhile had been ahead, or began again from there.
  let lowest = Number.POSITIVE_INFINITY;
  let known = true;
  for (let n = first, begin = from; n <= last; n++) {
    const end = n === last ? to : (clock.at[n] ?? to);
    const before = rangeAt(clock, n, begin);
    const after = rangeAt(clock, n, end);
    if (before === undefined || after === undefined) known = false;
    else {
      // Set back within the interval, it showed the higher times first.
      const within = Math.max((end - begin) / 1e6, after.next - before.last);
      if (Math.max(after.high - lowest, within) + grainMs >= ms) return true;
      lowest = Math.min(lowest, before.low);
    }
    begin = end;
  }
  return known ? false : undefined;
}

interface Range {
  readonly low: number;
  readonly high: number;
  /** The least by the answer before, and the most by the answer after. */
  readonly last: number;
  readonly next: number;
}

/** What the clock can have shown at a moment of the interval that ends with sample n; undefined where nobody asked around it. */
function rangeAt({ at, ms, widthMs }: StoreClock, n: number, moment: number): Range | undefined {
  const [before, after] = [at[n - 1], at[n]];
  if (before === undefined || after === undefined || after - before > gapNsMax) return undefined;
  const last = (ms[n - 1] ?? 0) + (moment - before) / 1e6;
  const least = (ms[n] ?? 0) - (after - moment) / 1e6;
  const next = least + (widthMs[n] ?? 0);
  return { low: Math.min(last, least), high: Math.max(last + (widthMs[n - 1] ?? 0), next), last, next };
}

/** Index of the first sample after that moment. */
function firstAfter(at: Float64Array, moment: number): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((at[middle] ?? 0) > moment) high = middle;
    else low = middle + 1;
  }
  return low;
}
