/**
 * Whether a run was as fast as a threshold says. What was not measured is not held. What the run's own parts did is no
 * miss: a load that was late, records that are missing, a store that somebody else stopped.
 */
import type { Example, Verdict } from "../checks/contract.ts";
import { filesMissing } from "../checks/evidence.ts";
import type { Ledger } from "../history/ledger.ts";
import { offered, sentLate } from "../history/offered.ts";
import type { Measure, Unit } from "../measures/contract.ts";
import type { NonEmpty } from "../std/random.ts";
import { messageOf } from "../std/user-error.ts";
import type { JudgedThreshold, ObservedValue, Threshold } from "./contract.ts";
import type { Decision } from "./decide.ts";
import { judgeDistribution, judgeSeries } from "./measured.ts";
import { judgeSamples, type Sample } from "./samples.ts";
import { subjectOf, type Measures, type Subject } from "./subject.ts";
import { told, toldSeen } from "./telling.ts";

/** Never throws: what cannot be judged is unknown. */
export function judgeThreshold(threshold: Threshold, measures: Measures, ledger: Ledger): JudgedThreshold {
  try {
    const subject = subjectOf(threshold, measures);
    return { about: subject.measure.about, ...judged(threshold, subject, ledger) };
  } catch (thrown) {
    return {
      about: "",
      verdict: { verdict: "unknown", reason: messageOf(thrown) },
      seen: { value: null, atLeast: false, unit: "jobs", measured: 0 },
    };
  }
}

interface Finding {
  readonly decision: Decision;
  readonly seen: ObservedValue;
  readonly why?: string;
  readonly beyond?: number;
  readonly examples: readonly Example[];
}

function judged(threshold: Threshold, subject: Subject, ledger: Ledger): Omit<JudgedThreshold, "about"> {
  const { decision, seen, why, beyond = 1, examples } = found(threshold, subject, ledger);
  const figures = {
    measured: seen.measured,
    ...(seen.value === null ? {} : { seen: seen.value }),
    bound: subject.bound,
  };
  const unknown = (reason: string): Verdict => ({ verdict: "unknown", reason, counts: figures });
  const judgement = (): Verdict => {
    if (why !== undefined) return unknown(why);
    if (seen.value === null || seen.measured === 0) return unknown(`not measured: ${nothingIn(threshold, ledger)}`);
    if (decision === "open")
      return unknown(`${toldSeen(seen)}, and nobody can know what it would have been: ${openness(ledger)}`);
    if (decision === "held") return { verdict: "pass", judged: seen.measured, exposed: seen.measured, counts: figures };
    const doubt = doubtIn(ledger);
    if (doubt !== undefined) return unknown(`${toldSeen(seen)}, but ${doubt}`);
    const [first = { job: undefined, what: `It was ${toldSeen(seen)}.`, life: [] }, ...rest] = examples;
    const all: NonEmpty<Example> = [first, ...rest];
    return {
      verdict: "fail",
      judged: seen.measured,
      exposed: seen.measured,
      counts: { ...figures, beyond },
      violations: beyond,
      examples: all,
    };
  };
  return { verdict: judgement(), seen };
}

function found(threshold: Threshold, { measure, bound }: Subject, ledger: Ledger): Finding {
  const measured = measure.measure(ledger);
  const { unit } = measured;
  if (tellsSamples(measure) && measured.kind !== "series") {
    const { decision, fromSend, seen, beyond, worst } = judgeSamples(threshold, measure, bound, ledger);
    const isOurs = decision === "missed" && fromSend !== "missed";
    return {
      decision: isOurs ? "open" : decision,
      seen: { ...seen, unit: unitOf(threshold, unit) },
      ...(isOurs
        ? {
            why: `it was ${toldSeen({ ...seen, unit })}, but the load generator sent late: counted from when the jobs were really sent it was not missed`,
          }
        : {}),
      beyond: threshold.figure.of === "percentile" ? beyond : 1,
      examples: worst.map((sample) => exampleOf(sample, unit, ledger)),
    };
  }
  if (measured.kind === "series") {
    const { decision, seen, why, second } = judgeSeries(threshold, measured, bound, ledger);
    const isEarly = ledger.stopped !== undefined;
    const all = { ...seen, unit: unitOf(threshold, unit) };
    const span =
      second === undefined
        ? []
        : [
            {
              job: undefined,
              what: `${toldSeen({ ...all })} in all; the second ${second} s after the load began was the farthest from it.`,
              life: [],
              span: { from: second * 1e9, to: (second + 1) * 1e9 },
            },
          ];
    return { decision: isEarly ? "open" : decision, seen: all, ...(why === undefined ? {} : { why }), examples: span };
  }
  if (measured.kind === "per-incident") throw new Error("it is told by fault, and not by job");
  const { seen, ...rest } = judgeDistribution(threshold, measured, bound);
  const isEarly = ledger.stopped !== undefined;
  return {
    ...rest,
    ...(isEarly ? { decision: "open" as const } : {}),
    seen: { ...seen, unit: unitOf(threshold, unit) },
    examples: [],
  };
}

const tellsSamples = (measure: Measure): measure is Measure & Required<Pick<Measure, "eachSample">> =>
  measure.eachSample !== undefined;

const unitOf = ({ figure, bound }: Threshold, unit: Unit): Unit =>
  figure.of === "count" ? "jobs" : figure.of === "rate" && bound.unit === "%" ? "%" : unit;

function exampleOf({ job, value, at, isOver }: Sample, unit: Unit, ledger: Ledger): Example {
  const took = told(value, unit);
  const end = ledger.stopped === undefined ? "it was never over" : "it was not over when the run was ended";
  const what = isOver ? `Job ${job} took ${took}.` : `Job ${job} took at least ${took}: ${end}.`;
  return { job, what, life: ledger.life(job), span: { from: at, to: at + (unit === "ms" ? value * 1e6 : 0) } };
}

function nothingIn({ phase, priority, measure }: Threshold, { stopped }: Ledger): string {
  const of = priority === undefined ? "" : ` of priority "${priority}"`;
  const when = {
    whole: "in this run",
    quiet: "before the first fault",
    faults: "while there were faults",
    after: "after the last fault",
  }[phase];
  const ended = stopped === undefined ? "" : " (the run was ended before its time)";
  return `there was nothing${of} ${when} of which "${measure}" could be told${ended}`;
}

const openness = ({ stopped }: Ledger): string =>
  stopped === undefined ? "some of it was never over" : "the run was ended before its time";

/** Why a miss may not be the queue's doing. */
function doubtIn(ledger: Ledger): string | undefined {
  const [trouble] = ledger.trouble;
  if (trouble !== undefined) return `${trouble.what}, which may explain it`;
  const load = offered(ledger);
  const late = sentLate(ledger.run, load);
  if (late !== undefined) return late;
  if (ledger.stopped === undefined && load.sent < ledger.run.jobs)
    return `the load was not met: ${ledger.run.jobs - load.sent} of ${ledger.run.jobs} jobs were never sent`;
  return filesMissing(ledger, ["producer", "worker"]);
}
