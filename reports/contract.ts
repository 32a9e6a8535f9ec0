/**
 * Result: one run's whole outcome as one plain value, and the seam of those who tell it. result.json is its JSON. Types
 * only.
 */
import type { Example, Counts } from "../checks/contract.ts";
import type { BlindShare } from "../history/blind-share.ts";
import type { Death, Incarnation, Incident, OwnTrouble, Phases } from "../history/ledger.ts";
import type { Measured, Unit } from "../measures/contract.ts";
import type { Json } from "../std/json.ts";

export type Overall = "pass" | "fail" | "unknown";

/** A guarantee as judged in this run. */
export type Guarantee = {
  readonly name: string;
  readonly about: string;
  readonly claimed: boolean;
  /** False where it is about the run itself: that was valid or not, and nobody promised it. */
  readonly promise: boolean;
  /** The scenario means to threaten it. */
  readonly exercised: boolean;
  readonly terms: Json;
  /** Why the system does not give it, though it holds for any job queue. */
  readonly waived?: string;
  /** It is one of how fast the run had to be, and nobody's promise; its name says it in full. */
  readonly threshold?: {
    readonly askedBy: "scenario" | "command";
    /** The run was to end as soon as it could no longer be held. */
    readonly endsRun: boolean;
    /** What it was; null where nothing was measured. */
    readonly value: number | null;
    /** It may have been more: some of it was never over. */
    readonly atLeast: boolean;
    readonly unit: Unit;
    /** The value as it is told. */
    readonly said: string;
    /** Of so many jobs, runs or seconds. */
    readonly measured: number;
  };
} & (
  | {
      readonly verdict: "pass";
      readonly judged: number;
      readonly exposed: number;
      /** Something was exposed; or, in a run without faults, judged. */
      readonly tried: boolean;
      readonly counts: Counts;
    }
  | {
      readonly verdict: "fail";
      readonly judged: number;
      readonly exposed: number;
      readonly counts: Counts;
      readonly violations: number;
      readonly examples: readonly Example[];
    }
  | { readonly verdict: "unknown"; readonly reason: string; readonly counts: Counts }
  | { readonly verdict: "not-observable"; readonly reason: string }
);

export interface ScheduledFault {
  readonly id: string;
  readonly fault: string;
  /** Milliseconds after the start of the load. */
  readonly atMs: number;
  readonly plan: Json;
}

export interface Result {
  /** Version of this value's shape. */
  readonly format: 1;
  readonly verdict: Overall;
  /** One sentence that a manager reads, and one on how enqueues were answered. */
  readonly sentence: string;
  /** Why it is unknown or failed, most important first; empty for a pass. */
  readonly reasons: readonly string[];
  /** Broken guarantees that the team knows of until a day that is not over: a build goes on in spite of them. */
  readonly known: readonly { readonly guarantee: string; readonly reason: string; readonly until: string }[];
  readonly run: {
    readonly id: string;
    readonly directory: string;
    readonly startedAt: string;
    readonly seconds: number;
    readonly scenario: { readonly name: string; readonly about: string };
    readonly system: {
      readonly name: string;
      readonly about: string;
      readonly profile: string;
      readonly settings: Json;
    };
    readonly seed: string;
    /** The shell command that runs the same schedule again. */
    readonly repeat: string;
    readonly load: Json;
    readonly schedule: readonly ScheduledFault[];
    /** Kinds of fault that the scenario has and this run chose to go without. */
    readonly leftOut: readonly { readonly fault: string; readonly why: string }[];
    /** What the scenario's load has and the system does not take; earlier versions did not say. */
    readonly untaken?: readonly string[];
  };
  readonly environment: {
    /** Names with versions: node, whitewater, redis, toxiproxy, client libraries. */
    readonly versions: Readonly<Record<string, string>>;
    /** Where each part came from: given, path, installed. */
    readonly providers: Readonly<Record<string, string>>;
    readonly store: { readonly profile: string; readonly settings: Readonly<Record<string, string>> };
    /** Which processes had proxied links, and which direct ones. */
    readonly paths: Readonly<Record<string, string>>;
    readonly machine: {
      readonly platform: string;
      readonly cpus: number;
      readonly cpu: string;
      readonly memoryGiB: number;
    };
    readonly commit: string | null;
  };
  readonly guarantees: readonly Guarantee[];
  readonly measures: Readonly<Record<string, { readonly about: string; readonly measured: Measured }>>;
  readonly jobs: {
    readonly planned: number;
    readonly sent: number;
    readonly acknowledged: number;
    /** Of these: as jobs that were there before, under the same caller's key. Earlier versions did not say. */
    readonly duplicates?: number;
    readonly refused: number;
    readonly unknown: number;
    readonly done: number;
    readonly dead: number;
    readonly startedMoreThanOnce: number;
  };
  /** What the run could not have seen, from the intervals by which it was judged. */
  readonly blind: BlindShare;
  /** Times below are nanoseconds since this origin. */
  readonly phases: Phases;
  readonly incidents: readonly Incident[];
  readonly processes: readonly Incarnation[];
  /** Those that ended by themselves, or by somebody else. */
  readonly deaths: readonly Death[];
  /** What was wrong with the run's own parts, or its machine. */
  readonly trouble: readonly OwnTrouble[];
  /** SHA-256 of each file of the record as it was when the run was over, or, where that is not known, as it is. */
  readonly evidence: Readonly<Record<string, string>>;
  readonly record: RecordCompared;
}

/** The record held against the checksums that it was written with. */
export interface RecordCompared {
  /** `none`: it is of a format that had none, so that only `evidence` could be compared. */
  readonly checksums: "agree" | "differ" | "none";
  /** What differs, by the name of the file. Nothing is known of the run then. */
  readonly differences: readonly string[];
  /** What else is not as it was, and changes nothing: reports, logs, names of measures. */
  readonly told: readonly string[];
}

export interface Reporter {
  /** Name of the file in the run directory. */
  readonly file: string;
  readonly about: string;
  render(result: Result): string;
}
