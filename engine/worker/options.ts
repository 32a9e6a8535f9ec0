/** What a worker is asked for, looked at before anything is done. */
import { concurrencyKind } from "../job-type.ts";
import { observerKinds, type Observer } from "../observer.ts";
import { callback, group, milliseconds, optional, optionsOf, or, signal, type Options } from "../options.ts";
import type { SettlementRequest, SettlementResult } from "../redis/settlement.ts";
import { retentionKinds, type Retention } from "../retention.ts";
import type { Job } from "./runner.ts";

export interface Settled {
  readonly job: Pick<Job<unknown>, "id" | "attempt"> & { readonly text: string };
  readonly as: SettlementRequest["as"];
  /** `refused`: the job is no longer this worker's, another has it. `unknown`: no answer came. */
  readonly fate: SettlementResult;
}

export interface WorkOptions {
  /** Aborted: nothing new is started, what runs may finish within the grace. */
  readonly stop: AbortSignal;
  /** Handlers at once. Default: as the job type has it. */
  readonly concurrency?: number;
  readonly graceMs?: number;
  /** How often a worker looks for the dead. */
  readonly sweepMs?: number;
  readonly settled?: (settled: Settled) => void;
  /**
   * A handler did not heed its signal for 3 s after its job type's `timeoutMs`, and all workers of this process have
   * stopped since: it has to end the process now, and not in good order. Until it does, the job is nobody else's.
   * Default: prints the message and exits with 70.
   */
  readonly onStuck?: (message: string) => void;
  /** For metrics. */
  readonly observer?: Observer;
  /** How many dead letters may stay, and for how long. Default: all, for ever. */
  readonly deadLetters?: Retention;
}

/** What a declaration says of its workers before there is one. */
export const howKinds = {
  concurrency: optional(concurrencyKind),
  graceMs: or(30_000, milliseconds(0)),
  deadLetters: optional(group(retentionKinds)),
};

const kinds = {
  ...howKinds,
  stop: signal,
  sweepMs: or(1000, milliseconds(10)),
  settled: optional(callback<NonNullable<WorkOptions["settled"]>>()),
  onStuck: optional(callback<NonNullable<WorkOptions["onStuck"]>>()),
  observer: optional(group(observerKinds)),
};

/** @throws RangeError for values that cannot work */
export const workOptionsOf = (given: WorkOptions): CheckedWorkOptions => optionsOf("work", given, kinds);
export type CheckedWorkOptions = Options<typeof kinds>;
