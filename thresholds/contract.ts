/** A threshold: how fast is fast enough, in the words of whoever says so, and how it was judged. Types only. */
import type { Verdict } from "../checks/contract.ts";
import type { Unit } from "../measures/contract.ts";

export type Statistic =
  | { readonly of: "percentile"; readonly percentile: number }
  | { readonly of: "avg" | "count" | "rate" };

/** `quiet`: before the first fault. `faults`: from then on until the last one was over. `after`: from then on. */
export type Window = "whole" | "quiet" | "faults" | "after";

export type Comparator = "<" | "<=" | ">" | ">=";

export type BoundUnit = "ms" | "s" | "min" | "/s" | "%" | "";

export interface Threshold {
  /** As it is told everywhere, and the name under which it is judged. */
  readonly text: string;
  readonly figure: Statistic;
  /** As it was written: the name of a measure, or that without its `-latency`. */
  readonly measure: string;
  /** Of a series. */
  readonly line: string | undefined;
  readonly phase: Window;
  readonly priority: string | undefined;
  readonly comparison: Comparator;
  readonly bound: { readonly value: number; readonly unit: BoundUnit };
  /** The run is over as soon as it can no longer be held. */
  readonly endsRun: boolean;
}

/** What was seen of it. */
export interface ObservedValue {
  /** In `unit`; null where nothing was measured. */
  readonly value: number | null;
  /** It may be more: some of it was never over. */
  readonly atLeast: boolean;
  readonly unit: Unit;
  /** So many jobs, runs or seconds. */
  readonly measured: number;
}

export interface JudgedThreshold {
  readonly about: string;
  readonly verdict: Verdict;
  readonly seen: ObservedValue;
}
