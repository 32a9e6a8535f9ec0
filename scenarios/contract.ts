/** One script, plain data: what load, which trouble, which guarantees it means to threaten. Types only. */
import type { z } from "zod";

/** What a crash of the store's process or machine may take: its settings, by name. */
export type DurabilityProfile = "aof-everysec" | "aof-always" | "memory";

/** How arrivals spread over the load phase; each curve integrates to the same number of jobs. */
export type Curve = "day" | "steady" | "peaks" | "burst" | "idle-then-burst";

export interface Load {
  readonly curve: Curve;
  readonly jobs: number;
  readonly seconds: number;
  readonly producers: number;
  readonly workers: number;
  /** Handlers at once in each worker. */
  readonly concurrency: number;
  readonly payloadBytes: number;
  /** What they carry beside so many letters and digits, by share of jobs. Left out: nothing else. */
  readonly texts?: {
    /** In other scripts, with control characters, quotes and percent signs. */
    readonly scripts?: number;
    /** Longer: drawn evenly from 64 KiB up to so many bytes. */
    readonly long?: { readonly share: number; readonly upToBytes: number };
    /** With nothing but what tells which job it is. */
    readonly short?: number;
    /** Whether one job has no text at all. There is never a second one, so that it is known by that. */
    readonly empty?: boolean;
  };
  /**
   * When the workers come, as a part of the load phase (0 its start, 1 its end). Left out: they are there before the
   * first job.
   */
  readonly workersFrom?: number;
  /** The seeded script of each job. */
  readonly work: {
    /** Run time, drawn evenly between the two. */
    readonly durationMs: readonly [number, number];
    /** Share of jobs whose first attempt, or first two, fail. */
    readonly failing: number;
    /** Share of jobs that fail on every attempt. */
    readonly alwaysFailing: number;
    /** Share of jobs that end their worker's process whenever they run: poison. */
    readonly killing: number;
    /**
     * Share of jobs that must not start before a delay, drawn evenly up to `upToMs` in steps of 10 ms. Left out where
     * the system takes none.
     */
    readonly delayed: {
      readonly share: number;
      readonly upToMs: number;
      /**
       * They are all due at the same moments, `upToMs` apart, however long before they come. Left out: each by itself.
       */
      readonly together?: boolean;
    };
  };
  readonly retries: { readonly attempts: number; readonly backoffMs: number };
  /**
   * By name: the weight by which starts are shared while jobs of all of them wait, and the share of jobs that get it.
   * Shares add up to 1. Left out where all jobs are alike, or the system takes none.
   */
  readonly priorities?: Readonly<Record<string, { readonly weight: number; readonly share: number }>>;
}

/** All have defaults. */
type OptionsOf<F> = F extends { readonly options: z.ZodType<infer Options> }
  ? unknown extends Options
    ? unknown
    : Partial<Options>
  : never;

/** `times` faults of a kind, at seeded moments in that part of the load phase (0 its start, 1 its end). */
export type Trouble<Faults> = {
  [Name in keyof Faults & string]: {
    readonly fault: Name;
    readonly options: OptionsOf<Faults[Name]>;
    readonly times: number;
    readonly between: readonly [number, number];
  };
}[keyof Faults & string];

export interface Scenario<Faults = Record<string, { readonly options: z.ZodType }>, Checks = Record<string, unknown>> {
  readonly about: string;
  readonly store: DurabilityProfile;
  readonly load: Load;
  readonly trouble: readonly Trouble<Faults>[];
  /** Exposed to nothing makes the run unknown. Only what the system claims is asked for. */
  readonly exercises: readonly (keyof Checks & string)[];
  /**
   * What is fast enough, such as "p99(end-to-end) during quiet < 500ms": docs/thresholds.md. A missed one fails the
   * run, and ends it as soon as it can no longer be held where that is asked for.
   */
  readonly thresholds?: readonly (string | { readonly threshold: string; readonly endsRunEarly: boolean })[];
}
