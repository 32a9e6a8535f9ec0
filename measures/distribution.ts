/**
 * From ten million durations to a distribution, in little memory: an HdrHistogram to three significant digits. Columns
 * count in ticks, so most durations are among a few thousand small numbers: these are counted first and handed to the
 * histogram by number, which is ten times as fast as one by one.
 *
 * What was not over yet counts with its age, or those that wait longest would make a distribution look better by never
 * ending. A percentile is exact as long as it would be the same if none of them ever ended; from there on it is "at
 * least".
 */
import { build, encodeIntoCompressedBase64, type Histogram } from "hdr-histogram-js";
import { tickNs } from "../history/ledger.ts";
import { curvePercents } from "../std/percentile.ts";
import type { Distribution, Figure, Percentiles, Spread } from "./contract.ts";

const microsPerTick = tickNs / 1000;
const microsPerMs = 1000;

/** 1.3 s: what is longer goes to the histogram one by one. */
const countedTicks = 2 ** 17;
/** Longer than the columns can tell. */
const longestMicros = 2 ** 32 * microsPerTick;

/** Durations in microseconds: of what was over, and the ages of what was not (undefined where everything was). */
export interface Tally {
  readonly over: Histogram;
  readonly open: Histogram | undefined;
}

export interface Durations {
  /** Below 0 counts as 0: a reply can be on file before what it follows, by the turn of an event loop. */
  add(ticks: number, isOver?: boolean): void;
  tally(): Tally;
  /** Makes it empty for the next use. */
  reset(): void;
}

export function durations(): Durations {
  const over = empty();
  let open: Histogram | undefined;
  const counted = new Uint32Array(countedTicks);
  let largest = -1;
  const flush = (): void => {
    for (let ticks = 0; ticks <= largest; ticks++) {
      const count = counted[ticks] ?? 0;
      if (count > 0) over.recordValueWithCount(ticks * microsPerTick, count);
    }
    counted.fill(0, 0, largest + 1);
    largest = -1;
  };
  return {
    add(ticks, isOver = true) {
      const positive = ticks > 0 ? ticks : 0;
      if (!isOver) (open ??= empty()).recordValue(positive * microsPerTick);
      else if (positive >= countedTicks) over.recordValue(positive * microsPerTick);
      else {
        counted[positive]!++;
        if (positive > largest) largest = positive;
      }
    },
    tally() {
      flush();
      return { over, open };
    },
    reset() {
      counted.fill(0, 0, largest + 1);
      largest = -1;
      over.reset();
      open = undefined;
    },
  };
}

const empty = (): Histogram =>
  build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestMicros,
    numberOfSignificantValueDigits: 3,
  });

/** All of them in one. */
export function merged(tallies: readonly Tally[]): Tally {
  const opens = tallies.flatMap(({ open }) => open ?? []);
  return { over: sumOf(tallies.map(({ over }) => over)), open: opens.length === 0 ? undefined : sumOf(opens) };
}

function sumOf(histograms: readonly Histogram[]): Histogram {
  const all = empty();
  for (const histogram of histograms) if (histogram.totalCount > 0) all.add(histogram);
  return all;
}

/** What was not over with its age. */
export const allOf = ({ over, open }: Tally): Histogram => (open === undefined ? over : sumOf([over, open]));

/** @param parts views of the same, or of something to hold beside it */
export function distribution(tally: Tally, parts: Readonly<Record<string, Tally>>): Distribution {
  const all = allOf(tally);
  const spread = spreadOf(tally);
  return {
    kind: "distribution",
    unit: "ms",
    ...spread,
    hgrm: all.outputPercentileDistribution(5, microsPerMs) + remark(spread),
    encoded: encodeIntoCompressedBase64(all),
    parts: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, spreadOf(part)])),
  };
}

/** A comment to HdrHistogram's tools. */
const remark = ({ summary, exactTo }: Spread): string =>
  summary === undefined || exactTo === undefined
    ? ""
    : `#[Censored: ${summary.censored} of ${summary.count} were not over and count with their age; beyond ${exactTo} % values are what they are at least]\n`;

function spreadOf(tally: Tally): Spread {
  const all = allOf(tally);
  const curve = curveOf(all);
  const summary = summaryOf(tally, all);
  if (tally.open === undefined) return { summary, curve };
  const isExact = exactness(tally, all);
  return { summary, curve, exactTo: curve.findLast(([percentile]) => isExact(percentile))?.[0] ?? 0 };
}

const percentileOf: readonly (readonly [Figure, number])[] = [
  ["min", 0],
  ["p50", 50],
  ["p90", 90],
  ["p99", 99],
  ["p999", 99.9],
  ["p9999", 99.99],
  ["max", 100],
];

export function summaryOf(tally: Tally, all = allOf(tally)): Percentiles | undefined {
  if (all.totalCount === 0) return undefined;
  const at = (percentile: number): number => msAt(all, percentile);
  return {
    count: all.totalCount,
    censored: tally.open?.totalCount ?? 0,
    ...(tally.open === undefined ? {} : { atLeast: inDoubt(tally, all) }),
    min: at(0),
    mean: rounded(all.mean),
    max: rounded(all.maxValue),
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    p9999: at(99.99),
  };
}

/** The mean is, whenever anything is open. */
function inDoubt(tally: Tally, all: Histogram): readonly Figure[] {
  const isExact = exactness(tally, all);
  return ["mean", ...percentileOf.flatMap(([name, percentile]) => (isExact(percentile) ? [] : [name]))];
}

/** Within that of each other, values are written the same, or nearly so. */
const sameWithin = 1.01;

/** Whether a percentile would be the same if nothing that is open ever ended. */
function exactness({ over }: Tally, all: Histogram): (percentile: number) => boolean {
  return (percentile) => {
    const rank = Math.max(1, Math.ceil((percentile / 100) * all.totalCount - 1e-6));
    if (rank > over.totalCount) return false;
    const latest = over.getValueAtPercentile((100 * (rank - 0.5)) / over.totalCount);
    return latest <= all.getValueAtPercentile(percentile) * sameWithin;
  };
}

/** Never above the largest value that was seen: the histogram itself answers with the upper edge of a bucket. */
export const msAt = (histogram: Histogram, percentile: number): number =>
  rounded(Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue));

const rounded = (micros: number): number => Math.round(micros) / microsPerMs;

/** Ends where a single value is left: what lies beyond says nothing about the rest. */
function curveOf(histogram: Histogram): readonly (readonly [number, number])[] {
  const { totalCount } = histogram;
  if (totalCount === 0) return [];
  return [
    ...curvePercents(totalCount).map((percentile) => [percentile, msAt(histogram, percentile)] as const),
    [100, rounded(histogram.maxValue)],
  ];
}
