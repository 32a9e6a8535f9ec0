/** How fast it was: a pure function from a ledger to a distribution or a series. Types only. */
import type { Ledger } from "../history/ledger.ts";

export type Unit = "ms" | "jobs/s" | "jobs" | "processes" | "%";

export interface Percentiles {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly p9999: number;
}

export interface Distribution {
  readonly kind: "distribution";
  readonly unit: Unit;
  /** Undefined where nothing was measured. */
  readonly summary: Percentiles | undefined;
  /** The percentile curve: [percentile 0..100, value], denser towards 100, at most a few hundred points. */
  readonly curve: readonly (readonly [number, number])[];
  /** HdrHistogram's own text format, values in the unit. */
  readonly hgrm: string;
  /** The same whole, in HdrHistogram's compressed encoding (V2, base64), in microseconds. */
  readonly encoded: string;
  /** The same, split: by phase (before, during, after faults), by fault. */
  readonly parts: Readonly<
    Record<
      string,
      { readonly summary: Percentiles | undefined; readonly curve: readonly (readonly [number, number])[] }
    >
  >;
}

export interface Series {
  readonly kind: "series";
  readonly unit: Unit;
  /** Its lines are parts of one whole. */
  readonly stacked?: true;
  /** Seconds since the origin of the run. */
  readonly at: readonly number[];
  readonly lines: Readonly<Record<string, readonly (number | null)[]>>;
}

/** Figures about each incident, such as its recovery. */
export interface PerIncident {
  readonly kind: "per-incident";
  readonly unit: Unit;
  readonly rows: readonly {
    readonly incident: string;
    readonly fault: string;
    readonly exposed: number;
    readonly first: number | null;
    readonly last: number | null;
    readonly p50: number | null;
  }[];
}

export type Measured = Distribution | Series | PerIncident;

export interface Measure {
  readonly about: string;
  measure(ledger: Ledger): Measured;
}
