/** What a threshold is about, looked up and checked before anything is run: each mistake is told with what there is. */
import { buildLedger } from "../history/ledger-builder.ts";
import { boundsOf } from "../history/bounds.ts";
import type { RunFacts } from "../history/ledger.ts";
import type { Measure, Measured, Unit } from "../measures/contract.ts";
import { messageOf, UserError } from "../std/user-error.ts";
import type { Threshold } from "./contract.ts";
import { nameOf, phaseWords } from "./grammar.ts";

export type Measures = Readonly<Record<string, Measure>>;

export interface Subject {
  readonly name: string;
  readonly measure: Measure;
  /** The bound in the unit of the measure; percent for a share, a number for a count. */
  readonly bound: number;
}

/** What a run has that a threshold may be about. */
export interface Circumstances {
  readonly priorities: readonly string[];
  readonly hasFaults: boolean;
}

/** @throws UserError */
export function checkThreshold(
  threshold: Threshold,
  measures: Measures,
  { priorities, hasFaults }: Circumstances,
): void {
  const { measure } = subjectOf(threshold, measures);
  const { text, phase, priority, endsRun } = threshold;
  const refuse = (why: string): never => {
    throw new UserError(`the threshold "${text}" cannot be judged: ${why}`);
  };
  if (priority !== undefined && !priorities.includes(priority))
    refuse(
      priorities.length === 0
        ? `all jobs of this run are alike (the scenario has no priorities, or the system takes none): leave out "for ${priority}"`
        : `no priority is called "${priority}"; there are: ${priorities.join(", ")}`,
    );
  if (!hasFaults && (phase === "faults" || phase === "after"))
    refuse(`there are no faults in this run: leave out "${phaseWords[phase]}", or run it with faults`);
  if (endsRun && measure.eachSample === undefined)
    refuse(`it is known at the end only, since "${threshold.measure}" is not told job by job: leave out "else end"`);
}

/** @throws UserError for a measure that is not there, or that has no such figure, line or unit */
export function subjectOf(threshold: Threshold, measures: Measures): Subject {
  const { text, measure: written, figure, line, priority, bound } = threshold;
  const refuse = (why: string): never => {
    throw new UserError(`the threshold "${text}" cannot be judged: ${why}`);
  };
  const name = [written, `${written}-latency`].find((one) => Object.hasOwn(measures, one)) ?? "";
  const measure =
    measures[name] ??
    refuse(`no measure is called "${written}"; there are: ${Object.keys(measures).map(shortOf).join(", ")}`);
  const of = nameOf(figure);
  const { kind, unit, lines, isFlow } = shapeOf(name, measure, refuse);
  const isByJob = kind !== "series" && measure.eachSample !== undefined;
  if (kind === "per-incident" && !isByJob) refuse(`"${written}" is told by fault, and not by job`);
  if (kind === "series") {
    if (line === undefined && lines.length > 1 && !lines.includes("done"))
      refuse(`"${written}" has several lines: write ${of}(${written}.LINE) with one of ${lines.join(", ")}`);
    if (line !== undefined && lines.length > 0 && !lines.includes(line))
      refuse(`"${written}" has no line "${line}"; there are: ${lines.join(", ")}`);
    if (figure.of === "percentile" && figure.percentile !== 0 && figure.percentile !== 100)
      refuse(
        `"${written}" is told second by second, which has no ${of}; there are: avg, min, max${isFlow ? ", count, rate" : ""}`,
      );
    if ((figure.of === "count" || figure.of === "rate") && !isFlow)
      refuse(`"${written}" is how much there is in each second, which has no ${of}; there are: avg, min, max`);
    if (priority !== undefined)
      refuse(`"${written}" is told second by second, and not by priority: leave out "for ${priority}"`);
  } else {
    if (line !== undefined) refuse(`"${written}" has no lines: leave out ".${line}"`);
    if (figure.of === "rate")
      refuse(
        `"${written}" has no rate; there are: avg, min, med, max, p and a percentile, count. rate(throughput) and rate(outcomes.dead) are rates`,
      );
  }
  return { name, measure, bound: inUnit(threshold, unit, refuse, bound) };
}

/** What it is called in a threshold. */
const shortOf = (name: string): string => name.replace(/-latency$/, "");

interface Shape {
  readonly kind: Measured["kind"];
  readonly unit: Unit;
  /** As far as they are the same in every run. */
  readonly lines: readonly string[];
  /** What comes in each second adds up; what there is in each second does not. */
  readonly isFlow: boolean;
}

/** A measure says what it is by measuring nothing. */
function shapeOf(name: string, measure: Measure, refuse: (why: string) => never): Shape {
  let measured: Measured;
  try {
    measured = measure.measure(nothing());
  } catch (thrown) {
    return refuse(
      `the measure "${name}" cannot say what it measures, since it fails on a run without jobs: ${messageOf(thrown)}`,
    );
  }
  const { kind, unit } = measured;
  return {
    kind,
    unit,
    lines: kind === "series" ? Object.keys(measured.lines) : [],
    isFlow: kind === "series" && unit === "jobs/s",
  };
}

const nothing = () => buildLedger(noFacts, [], []);

const noFacts: RunFacts = {
  seed: "",
  scenario: "",
  system: "",
  jobs: 0,
  payloadBytes: 0,
  attempts: 1,
  backoffMs: 0,
  priorities: [],
  tellsSettlements: true,
  bounds: boundsOf({ recoveryMs: 0, retryMs: 0 }),
  claims: {},
  concurrency: 1,
  producers: 1,
  scheduled: {},
  leftOut: [],
  exercises: [],
  load: { lateShare: 0, lateAfterMs: 0 },
};

const msOf: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000 };

function inUnit(
  { figure, line }: Threshold,
  unit: Unit,
  refuse: (why: string) => never,
  { value, unit: written }: Threshold["bound"],
): number {
  if (figure.of === "count") return written === "" ? value : refuse(`a count has no unit: write ${value}`);
  if (figure.of === "rate" && written === "%")
    return line === undefined ? refuse("a share is one of a line, such as rate(outcomes.refused)") : value;
  const said = {
    ms: "a time: write ms, s or min",
    "jobs/s": "a rate: write /s",
    "%": "a share: write %",
    jobs: "a number: write no unit",
    processes: "a number: write no unit",
  }[unit];
  const isRight =
    unit === "ms"
      ? written in msOf
      : unit === "jobs/s"
        ? written === "/s"
        : unit === "%"
          ? written === "%"
          : written === "";
  if (!isRight) refuse(`what it bounds is ${said} behind ${value}${figure.of === "rate" ? ", or % for a share" : ""}`);
  return value * (msOf[written] ?? 1);
}
