/** How fast it was: a pure function from a ledger to a distribution or a series. Types only. */
import type { Ledger } from "../history/ledger.ts";

export type Unit = "ms" | "jobs/s" | "jobs" | "processes" | "%";

export type Figure = "min" | "mean" | "max" | "p50" | "p90" | "p99" | "p999" | "p9999";

export type Percentiles = Readonly<Record<Figure, number>> & {
  readonly count: number;
  /** Of these, what was not over when it was last looked at: it counts with its age then, which it took at least. */
  readonly censored: number;
  /** The figures that are what they are at least: what is censored could make them larger. Absent where nothing is. */
  readonly atLeast?: readonly Figure[];
};

export interface Spread {
  /** Undefined where nothing was measured. */
  readonly summary: Percentiles | undefined;
  /** The percentile curve: [percentile 0..100, value], denser towards 100, at most a few hundred points. */
  readonly curve: readonly (readonly [number, number])[];
  /** Beyond this percentile the curve is what it is at least. Absent where nothing is censored. */
  readonly exactTo?: number;
}

export interface Distribution extends Spread {
  readonly kind: "distribution";
  readonly unit: Unit;
  /** HdrHistogram's own text format, values in the unit. */
  readonly hgrm: string;
  /** The same whole, in HdrHistogram's compressed encoding (V2, base64), in microseconds. */
  readonly encoded: string;
  /** The same, split: by phase (before, during, after faults), by fault. */
  readonly parts: Readonly<Record<string, Spread>>;
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

export type RecoveryFigure = "first" | "p50" | "last";

/** Figures about each incident, such as its recovery. */
export interface PerIncident {
  readonly kind: "per-incident";
  readonly unit: Unit;
  readonly rows: readonly {
    readonly incident: string;
    readonly fault: string;
    readonly exposed: number;
    /** Of these, what had not gone on at the end: it counts with what it had waited by then. */
    readonly open: number;
    /** The figures that are what they are at least, because of that. */
    readonly atLeast: readonly RecoveryFigure[];
    readonly first: number | null;
    readonly last: number | null;
    readonly p50: number | null;
  }[];
}

export type Measured = Distribution | Series | PerIncident;

/**
 * One of what a distribution is made of.
 * @param value in the measure's unit: where it is not over, what it was by the end of the run
 * @param at ns since origin: the moment by which it belongs to a phase
 * @param ours how much of the value was the load generator's own lateness
 */
export type TellSample = (job: number, value: number, at: number, isOver: boolean, ours: number) => void;

export interface Measure {
  readonly about: string;
  measure(ledger: Ledger): Measured;
  /**
   * What it is made of, one by one. A threshold on a measure that tells it is exact for any percentile, phase and
   * priority, and shows the jobs that it was missed for; on one that does not, it is read off what `measure` gives.
   */
  eachSample?(ledger: Ledger, tell: TellSample): void;
  /** Of a job there is one sample at most: what is still to come can be counted before the run is over. */
  readonly oncePerJob?: true;
}
