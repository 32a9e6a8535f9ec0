/**
 * From ten million durations to a distribution, in little memory: an HdrHistogram to three significant digits. Columns
 * count in ticks, so most durations are among a few thousand small numbers: these are counted first and handed to the
 * histogram by number, which is ten times as fast as one by one.
 */
import { build, encodeIntoCompressedBase64, type Histogram } from "hdr-histogram-js";
import { tickNs } from "../history/ledger.ts";
import type { Distribution, Percentiles } from "./contract.ts";

const microsPerTick = tickNs / 1000;
const microsPerMs = 1000;

/** 1.3 s: what is longer goes to the histogram one by one. */
const countedTicks = 2 ** 17;
/** Longer than the columns can tell. */
const longestMicros = 2 ** 32 * microsPerTick;

export interface Durations {
  /** Below 0 counts as 0: a reply can be on file before what it follows, by the turn of an event loop. */
  add(ticks: number): void;
  /** Values in microseconds. */
  histogram(): Histogram;
  /** Makes it empty for the next use. */
  reset(): void;
}

export function durations(): Durations {
  const histogram = empty();
  const counted = new Uint32Array(countedTicks);
  let largest = -1;
  const flush = (): void => {
    for (let ticks = 0; ticks <= largest; ticks++) {
      const count = counted[ticks] ?? 0;
      if (count > 0) histogram.recordValueWithCount(ticks * microsPerTick, count);
    }
    counted.fill(0, 0, largest + 1);
    largest = -1;
  };
  return {
    add(ticks) {
      const positive = ticks > 0 ? ticks : 0;
      if (positive >= countedTicks) histogram.recordValue(positive * microsPerTick);
      else {
        counted[positive]!++;
        if (positive > largest) largest = positive;
      }
    },
    histogram() {
      flush();
      return histogram;
    },
    reset() {
      counted.fill(0, 0, largest + 1);
      largest = -1;
      histogram.reset();
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
export function merged(histograms: readonly Histogram[]): Histogram {
  const all = empty();
  for (const histogram of histograms) if (histogram.totalCount > 0) all.add(histogram);
  return all;
}

/** @param parts views of the same, or of something to hold beside it */
export function distribution(all: Histogram, parts: Readonly<Record<string, Histogram>>): Distribution {
  return {
    kind: "distribution",
    unit: "ms",
    ...figures(all),
    hgrm: all.outputPercentileDistribution(5, microsPerMs),
    encoded: encodeIntoCompressedBase64(all),
    parts: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, figures(part)])),
  };
}

const figures = (histogram: Histogram): Pick<Distribution, "summary" | "curve"> => ({
  summary: summaryOf(histogram),
  curve: curveOf(histogram),
});

export function summaryOf(histogram: Histogram): Percentiles | undefined {
  if (histogram.totalCount === 0) return undefined;
  const at = (percentile: number): number => msAt(histogram, percentile);
  return {
    count: histogram.totalCount,
    min: at(0),
    mean: rounded(histogram.mean),
    max: rounded(histogram.maxValue),
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    p9999: at(99.99),
  };
}

/** Never above the largest value that was seen: the histogram itself answers with the upper edge of a bucket. */
export const msAt = (histogram: Histogram, percentile: number): number =>
  rounded(Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue));

const rounded = (micros: number): number => Math.round(micros) / microsPerMs;

/** Ten steps to each halving of the distance to 100, up to 99.999, and the maximum. */
const stepsPerHalving = 10;
const percentiles: readonly number[] = steps(99.999);

function steps(last: number): readonly number[] {
  const points: number[] = [];
  for (let distance = 100; 100 - distance < last; distance /= 2) {
    for (let step = 0; step < stepsPerHalving; step++) {
      const percentile = 100 - distance + (distance / 2) * (step / stepsPerHalving);
      if (percentile < last) points.push(percentile);
    }
  }
  return [...points, last];
}

/** Ends where a single value is left: what lies beyond says nothing about the rest. */
function curveOf(histogram: Histogram): readonly (readonly [number, number])[] {
  const { totalCount } = histogram;
  if (totalCount === 0) return [];
  const told = percentiles.filter((percentile) => ((100 - percentile) / 100) * totalCount >= 1);
  return [
    ...told.map((percentile) => [percentile, msAt(histogram, percentile)] as const),
    [100, rounded(histogram.maxValue)],
  ];
}
