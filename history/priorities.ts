/** What waits of each priority, and what is started of it, second by second. */
import { never, type Ledger, ticksPerSecond } from "./ledger.ts";
import { waitingBySecond, type DueAt } from "./waiting.ts";

export interface PriorityClass {
  readonly name: string;
  /** Of all weights together. */
  readonly weightShare: number;
  /** `never` for jobs of the others. */
  readonly dueAt: DueAt;
  /** By second: its jobs that were due all through it, and started later. */
  readonly waiting: Int32Array;
  /** How many of its jobs were due all through any second, and started later. */
  readonly waited: number;
  /** By second: jobs that were started for the first time. */
  readonly firstStarts: Uint32Array;
  /** By second: starts after a job's first one, which are retries and repeats. */
  readonly laterStarts: Uint32Array;
}

/** None where the run has no priorities. */
export function classesOf(ledger: Ledger, dueAt: DueAt): readonly PriorityClass[] {
  const { run, rates, columns } = ledger;
  const { priority, firstStartAt } = columns;
  const weights = run.priorities.reduce((sum, { weight }) => sum + weight, 0);
  const seconds = rates.started.length;
  const starts = run.priorities.map(() => ({ first: new Uint32Array(seconds), later: new Uint32Array(seconds) }));
  if (starts.length === 0) return [];
  for (let job = 0; job < priority.length; job++) {
    const at = firstStartAt[job] ?? never;
    if (at !== never) count(starts[(priority[job] ?? 0) - 1]?.first, at / ticksPerSecond);
  }
  for (const { job, life } of ledger.exceptions()) {
    const later = starts[(priority[job] ?? 0) - 1]?.later;
    let started = false;
    for (const { kind, at } of life) {
      if (kind !== "start") continue;
      if (started) count(later, at / 1e9);
      started = true;
    }
  }
  return run.priorities.map(({ name, weight }, index): PriorityClass => {
    const ofThis: DueAt = (job) => (priority[job] === index + 1 ? dueAt(job) : never);
    const { first = new Uint32Array(), later = new Uint32Array() } = starts[index] ?? {};
    return {
      name,
      weightShare: weight / weights,
      dueAt: ofThis,
      ...waitingBySecond(ledger, ofThis),
      firstStarts: first,
      laterStarts: later,
    };
  });
}

function count(bySecond: Uint32Array | undefined, seconds: number): void {
  const second = Math.max(0, Math.floor(seconds));
  if (bySecond !== undefined && second < bySecond.length) bySecond[second]!++;
}
