/**
 * Every latency as a histogram log, which HdrHistogram's own tools read, merge and plot: one line for each
 * distribution, by its tag, for the whole run.
 */
import type { Reporter, Result } from "./contract.ts";
import { nsPerSecond } from "./life.ts";
import { latencies } from "./reading.ts";

export const hlog: Reporter = {
  file: "latency.hlog",
  about: "every latency as a tagged line of a histogram log, for HdrHistogram's tools",
  render: (result) =>
    [
      "#[Histogram log format version 1.3]",
      `#[Run ${tag(result.run.id)}; values in microseconds, maxima in milliseconds]`,
      '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
      ...lines(result),
      "",
    ].join("\n"),
};

function lines(result: Result): readonly string[] {
  const seconds = (result.phases.drainTo - result.phases.loadFrom) / nsPerSecond;
  return latencies(result).flatMap(({ name, measured: { summary, encoded } }) =>
    summary === undefined
      ? []
      : [
          ...(summary.censored === 0
            ? []
            : [
                `#[${tag(name)}: ${summary.censored} of ${summary.count} were not over, ` +
                  "and count with their age: what they are at least]",
              ]),
          `Tag=${tag(name)},0.000,${seconds.toFixed(3)},${summary.max.toFixed(3)},${encoded}`,
        ],
  );
}

/** Commas and blanks would end it. */
const tag = (name: string): string => name.replaceAll(/[^\w.-]+/g, "-");
