/** A guarantee: a promise in words and the pure function that says from a ledger whether it held. Types only. */
import type { z } from "zod";
import type { Bounds } from "../history/bounds.ts";
import type { Ledger, LifeEvent } from "../history/ledger.ts";
import type { NonEmpty } from "../std/random.ts";

/** What only some systems can show. */
export type Ability = "settlements" | "depth";

export type Counts = Readonly<Record<string, number>>;

export interface Example {
  readonly job: number | undefined;
  /** One sentence: what happened to it and what should have. */
  readonly what: string;
  readonly life: readonly LifeEvent[];
  /** When it happened, ns since origin, where it has no life that says so. */
  readonly span?: { readonly from: number; readonly to: number };
}

export type Verdict =
  /**
   * `judged`: what it looked at. `exposed`: what of that this run's faults, failures and waits could have hurt; which
   * these are for a check, its description says.
   */
  | { readonly verdict: "pass"; readonly judged: number; readonly exposed: number; readonly counts: Counts }
  | {
      readonly verdict: "fail";
      readonly judged: number;
      readonly exposed: number;
      readonly counts: Counts;
      readonly violations: number;
      readonly examples: NonEmpty<Example>;
    }
  | { readonly verdict: "unknown"; readonly reason: string; readonly counts?: Counts }
  /** Shown, never changes the exit code. */
  | { readonly verdict: "not-observable"; readonly needs: Ability };

export interface Check<Terms = unknown> {
  readonly about: string;
  readonly needs: readonly Ability[];
  readonly options: z.ZodType<Terms>;
  /** The terms by which it is judged where the system does not claim it: never fails a run, is shown. */
  readonly neutral: Terms;
  /** It holds for any job queue: the terms in force where a system neither claims nor waives it. */
  universal?(bounds: Bounds): Terms;
  /**
   * It judges for how long jobs wait to be taken: nobody's fault where workers are told to rest, as between their turns
   * in a comparison.
   */
  readonly ofWaiting?: true;
  /** Validity of the run itself: judged, and counted, whatever the system claims. */
  readonly always?: true;
  check(ledger: Ledger, terms: Terms): Verdict;
}
