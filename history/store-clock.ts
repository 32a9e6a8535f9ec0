/**
 * The store's own clock, as it was asked now and then on a direct link, laid against CLOCK_MONOTONIC: what retries and
 * delays are judged by. It may have gone ahead at any time between two questions, so that counts for the whole of it.
 */

/** In order of time. */
export interface StoreClock {
  /** ns since origin: when the answer was there. */
  readonly at: Float64Array;
  /** ms since 1970, read at most `widthMs` before. */
  readonly ms: Float64Array;
  readonly widthMs: Float64Array;
  /** When a fault may have set it wrong, ns since origin. */
  readonly bent: readonly { readonly from: number; readonly to: number }[];
}

/** Between questions further apart nothing is known. */
const gapNsMax = 2e9;
/** Nor between these, where it may have gone ahead and back meanwhile: the store was not there to be asked. */
const bentGapNsMax = 250e6;
/** Redis servers decide what is due in whole milliseconds. */
const grainMs = 1;

/**
 * Whether that much time can have passed for the store between two moments (ns since origin): what really passed, and
 * what its clock went ahead beside. A step back takes nothing away again: a wait that was half over is still half over.
 * @returns undefined where the clock is not known well enough to deny it
 */
export function mayHavePassed(clock: StoreClock, from: number, to: number, ms: number): boolean | undefined {
  const { at, widthMs } = clock;
  const [first, last] = [firstAfter(at, from), lastBegun(clock, to)];
  const slackMs = Math.max(widthMs[first] ?? 0, widthMs[last] ?? 0) + grainMs;
  let passedMs = (to - from) / 1e6 + slackMs;
  let known = true;
  for (let n = first; n <= last && passedMs < ms; n++) {
    const ahead = wentAheadMs(clock, n);
    if (ahead === undefined) known = false;
    else passedMs += ahead;
  }
  if (passedMs >= ms) return true;
  return known ? false : undefined;
}

/**
 * How much more than the time that really passed the clock showed between sample n - 1 and n; undefined where nobody
 * asked.
 */
function wentAheadMs({ at, ms, widthMs, bent }: StoreClock, n: number): number | undefined {
  const [before, after] = [at[n - 1], at[n]];
  if (before === undefined || after === undefined || after - before > gapNsMax) return undefined;
  if (after - before > bentGapNsMax && bent.some(({ from, to }) => from < after && to > before)) return undefined;
  const ahead = (ms[n] ?? 0) - (ms[n - 1] ?? 0) - (after - before) / 1e6;
  const uncertain = Math.max(widthMs[n - 1] ?? 0, widthMs[n] ?? 0) + grainMs;
  if (ahead > uncertain) return ahead + uncertain;
  // Set back somewhere in here: until then it may have gone on ahead as it did before.
  const beforeThat = ahead < -uncertain ? (at[n - 2] ?? before) : before;
  const was = (ms[n - 1] ?? 0) - (ms[n - 2] ?? 0) - (before - beforeThat) / 1e6;
  return beforeThat < before && was > uncertain ? (was * (after - before)) / (before - beforeThat) + uncertain : 0;
}

/** The answer that was given before that moment may have come after it, and the clock gone ahead between the two. */
function lastBegun({ at, widthMs }: StoreClock, moment: number): number {
  let last = firstAfter(at, moment);
  while (last < at.length && (at[last] ?? 0) - (widthMs[last] ?? 0) * 1e6 <= moment) last++;
  return last;
}

/**
 * What it showed at that moment at the least and at the most, ms since 1970: reckoned from the answer nearest to it
 * that no fault bent, which was true at some time while it was under way; undefined where there is none.
 */
export function shownAt(
  { at, ms, widthMs, bent }: StoreClock,
  moment: number,
): readonly [leastMs: number, mostMs: number] | undefined {
  const isRight = (n: number): boolean => bent.every(({ from, to }) => (at[n] ?? 0) < from || (at[n] ?? 0) > to);
  let after = firstAfter(at, moment);
  let before = after - 1;
  while (after < at.length && !isRight(after)) after++;
  while (before >= 0 && !isRight(before)) before--;
  const isAfter = before < 0 || (after < at.length && (at[after] ?? 0) - moment < moment - (at[before] ?? 0));
  const nearest = isAfter ? after : before;
  const [when, shown] = [at[nearest], ms[nearest]];
  if (when === undefined || shown === undefined) return undefined;
  const least = shown + (moment - when) / 1e6;
  return [least, least + (widthMs[nearest] ?? 0)];
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

/** ns since origin, ms since 1970, and how long the question took. */
export interface TimeSample {
  readonly at: number;
  readonly ms: number;
  readonly widthMs: number;
}

export function clockOf(times: readonly TimeSample[]): StoreClock {
  const sorted = times.toSorted((a, b) => a.at - b.at);
  return {
    at: Float64Array.from(sorted, ({ at }) => at),
    ms: Float64Array.from(sorted, ({ ms }) => ms),
    widthMs: Float64Array.from(sorted, ({ widthMs }) => widthMs),
    bent: [],
  };
}
