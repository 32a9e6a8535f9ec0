/**
 * Judges a threshold by what a measure is made of, job by job: exact for any percentile, and with the jobs that missed
 * it.
 */
import type { Ledger } from "../history/ledger.ts";
import { allOf, durations, msAt } from "../measures/distribution.ts";
import type { Measure } from "../measures/contract.ts";
import type { ObservedValue, Threshold } from "./contract.ts";
import { decide, isBelow, type Decision, type Sides } from "./decide.ts";
import { jobIsIn } from "./phases.ts";

export interface Sample {
  readonly job: number;
  readonly value: number;
  readonly at: number;
  readonly isOver: boolean;
}

export interface SampledJudgement {
  readonly decision: Decision;
  /** The same, without what the load generator itself was late. */
  readonly fromSend: Decision;
  readonly seen: Omit<ObservedValue, "unit">;
  /** On the wrong side of the bound. */
  readonly beyond: number;
  /** Of these, the farthest from it. */
  readonly worst: readonly Sample[];
}

const worstKept = 10;
/** Of what a histogram counts in. */
const ticksPerUnit = 100;

export function judgeSamples(
  threshold: Threshold,
  measure: Required<Pick<Measure, "eachSample">> & Measure,
  bound: number,
  ledger: Ledger,
): SampledJudgement {
  const { comparison, phase, priority, figure } = threshold;
  const isUpper = comparison === "<" || comparison === "<=";
  const isIn = jobIsIn(ledger, phase, isUpper && figure.of !== "count" ? bound : 0);
  const number =
    priority === undefined ? undefined : ledger.run.priorities.findIndex(({ name }) => name === priority) + 1;
  const spread = durations();
  const [told, sent] = [counting(bound, comparison), counting(bound, comparison)];
  const worst = farthest(isUpper);
  let samples = 0;
  measure.eachSample(ledger, (job, value, at, isOver, ours) => {
    samples++;
    if (number !== undefined && ledger.columns.priority[job] !== number) return;
    if (!isIn(job, at)) return;
    spread.add(Math.round(value * ticksPerUnit), isOver);
    told.add(value, isOver);
    sent.add(value - ours, isOver);
    if (figure.of !== "count" && isBelow(value, bound, comparison) !== isUpper) worst.add({ job, value, at, isOver });
  });
  const missing = missingIn(measure, ledger, samples);
  const all = allOf(spread.tally());
  const sides = told.sides(missing);
  return {
    decision: decide(threshold, bound, sides),
    fromSend: decide(threshold, bound, sent.sides(missing)),
    seen: {
      value:
        figure.of === "count"
          ? told.seen()
          : told.seen() === 0
            ? null
            : figure.of === "percentile"
              ? msAt(all, figure.percentile)
              : sides.sum / told.seen(),
      atLeast: !sides.areAllOver && figure.of !== "count",
      measured: told.seen(),
    },
    beyond: isUpper ? sides.above : sides.below,
    worst: worst.all(),
  };
}

/** What a run that was ended before its time might still have shown. */
function missingIn({ oncePerJob }: Measure, { run, stopped }: Ledger, samples: number): number {
  if (stopped === undefined) return 0;
  return oncePerJob === true ? Math.max(0, run.jobs - samples) : Number.POSITIVE_INFINITY;
}

function counting(bound: number, comparison: Threshold["comparison"]) {
  let below = 0;
  let above = 0;
  let open = 0;
  let sum = 0;
  let areAllOver = true;
  return {
    add(value: number, isOver: boolean): void {
      sum += value;
      if (!isOver) areAllOver = false;
      if (!isBelow(value, bound, comparison)) above++;
      else if (isOver) below++;
      else open++;
    },
    seen: () => below + above + open,
    sides: (missing: number): Sides => ({ below, above, open, missing, sum, areAllOver }),
  };
}

/** Keeps the few that are farthest from the bound. */
function farthest(isUpper: boolean) {
  const kept: Sample[] = [];
  const distance = ({ value }: Sample): number => (isUpper ? value : -value);
  return {
    add(sample: Sample): void {
      const last = kept.at(-1);
      if (kept.length === worstKept && last !== undefined && distance(last) >= distance(sample)) return;
      const nearer = kept.findIndex((other) => distance(other) < distance(sample));
      kept.splice(nearer === -1 ? kept.length : nearer, 0, sample);
      if (kept.length > worstKept) kept.pop();
    },
    all: (): readonly Sample[] => kept,
  };
}
