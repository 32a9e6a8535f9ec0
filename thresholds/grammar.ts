/**
 * Reads a threshold, which is written much as k6 writes it:
 *
 *   p99(end-to-end) during quiet for urgent < 500ms else end
 *   ─┬─ ─────┬────  ─────┬──────  ────┬───  ──┬───  ───┬────
 *    │       │           │            │       │        └ ends the run as soon as it can no longer be held
 *    │       │           │            │       └ <, <=, > or >=, and a figure with its unit
 *    │       │           │            └ of the jobs of one priority
 *    │       │           └ during quiet, during faults, after faults; of the whole run where it is left out
 *    │       └ a measure, of a series with its line: throughput.done
 *    └ avg, min, med, max, p and a percentile, count, rate
 */
import { UserError } from "../std/user-error.ts";
import type { BoundUnit, Comparator, Statistic, Window, Threshold } from "./contract.ts";

const example = '"p99(end-to-end) during quiet < 500ms"';

const phases: Readonly<Record<string, Window>> = {
  "during quiet": "quiet",
  "during faults": "faults",
  "after faults": "after",
};

export const phaseWords: Readonly<Record<Window, string>> = {
  whole: "",
  quiet: "during quiet",
  faults: "during faults",
  after: "after faults",
};

const comparisons: readonly Comparator[] = ["<=", ">=", "<", ">"];

const units: Readonly<Record<string, BoundUnit>> = {
  ms: "ms",
  s: "s",
  min: "min",
  "/s": "/s",
  "jobs/s": "/s",
  "%": "%",
  jobs: "",
  processes: "",
  "": "",
};

/** @throws UserError that names what is wrong with it, and what would be right */
export function parseThreshold(written: string): Threshold {
  const text = written.trim().replaceAll(/\s+/g, " ");
  const refuse = (why: string): never => {
    throw new UserError(`the threshold "${text}" cannot be read: ${why}; such as ${example}`);
  };
  const [, claim = text, end] = /^(.*?)(,? else end)?$/.exec(text) ?? [];
  const [, head = "", middle = "", sign = "", right = ""] =
    /^([^()]*(?:\([^()]*\)){0,2})([^<>=!]*)([<>=!]+)(.*)$/.exec(claim) ??
    refuse("it compares nothing: write < or > and a bound");
  const comparison =
    comparisons.find((one) => one === sign) ??
    refuse(`"${sign}" compares nothing here: write one of ${comparisons.join(", ")}`);
  const { name, figure, measure, line } = subjectOf(head.trim(), refuse);
  const { phase, priority } = scopeOf(middle.trim(), refuse);
  const bound = boundOf(right.trim(), refuse);
  const subject = `${name}(${measure}${line === undefined ? "" : `.${line}`})`;
  const scope = [phaseWords[phase], priority === undefined ? "" : `for ${priority}`].filter((word) => word !== "");
  return {
    text: [subject, ...scope, comparison, `${plainNumber(bound.value)}${bound.unit}`].join(" "),
    figure,
    measure,
    line,
    phase,
    priority,
    comparison,
    bound,
    endsRun: end !== undefined,
  };
}

/** Also with what `text` leaves out: reads back as the same. */
export const inFull = ({ text, endsRun }: Pick<Threshold, "text" | "endsRun">): string =>
  endsRun ? `${text} else end` : text;

type Refuse = (why: string) => never;

const figures = "avg, min, med, max, p and a percentile (p95, p99.9), count, rate";

function subjectOf(
  head: string,
  refuse: Refuse,
): Pick<Threshold, "figure" | "measure" | "line"> & { readonly name: string } {
  const k6 = /^p\((\d+(?:\.\d+)?)\)(?:\((.*)\))?$/.exec(head);
  if (k6 !== null) return refuse(`write p${k6[1]}(${k6[2] ?? "end-to-end"}) for "${head}"`);
  const [, name = "", of = ""] =
    /^([\w.]+)\(([^()]+)\)$/.exec(head) ?? refuse(`it begins with a figure of a measure, not with "${head}"`);
  const figure = figureOf(name, refuse);
  const [, measure = "", line] =
    /^\s*([\w-]+)(?:\.([\w .-]*[\w-]))?\s*$/.exec(of) ?? refuse(`"${of}" is no name of a measure`);
  return { name, figure, measure, line };
}

const namedPercentiles: ReadonlyMap<string, number> = new Map([
  ["min", 0],
  ["med", 50],
  ["max", 100],
]);

function figureOf(name: string, refuse: Refuse): Statistic {
  if (name === "avg" || name === "count" || name === "rate") return { of: name };
  const named = namedPercentiles.get(name);
  if (named !== undefined) return { of: "percentile", percentile: named };
  const digits = /^p(\d+(?:\.\d+)?)$/.exec(name)?.[1] ?? refuse(`no figure is called "${name}"; there are: ${figures}`);
  const percentile = Number(digits);
  if (percentile <= 0 || percentile > 100) refuse(`there is no percentile ${digits}: more than 0, and at most 100`);
  return { of: "percentile", percentile };
}

export function nameOf(figure: Statistic): string {
  if (figure.of !== "percentile") return figure.of;
  const named = [...namedPercentiles].find(([, percentile]) => percentile === figure.percentile)?.[0];
  return named ?? `p${figure.percentile}`;
}

function scopeOf(middle: string, refuse: Refuse): Pick<Threshold, "phase" | "priority"> {
  const [, when = "", priority] = /^(.*?)(?:(?:^| )for ([\w.-]+))?$/.exec(middle) ?? [];
  if (when === "") return { phase: "whole", priority };
  const phase = Object.hasOwn(phases, when) ? phases[when] : undefined;
  return phase === undefined
    ? refuse(
        `"${when}" is no time of a run; there are: ${Object.keys(phases).join(", ")}, and the whole run where none is named`,
      )
    : { phase, priority };
}

function boundOf(right: string, refuse: Refuse): Threshold["bound"] {
  const [, digits = "", word = ""] =
    /^(\d+(?:\.\d+)?) ?([a-z/%]*)$/.exec(right) ?? refuse(`"${right}" is no bound: a number with its unit`);
  const unit = Object.hasOwn(units, word) ? units[word] : undefined;
  return unit === undefined
    ? refuse(`"${word}" is no unit; there are: ms, s, min, /s, %, and none for what is counted`)
    : Number.isFinite(Number(digits))
      ? { value: Number(digits), unit }
      : refuse(`${digits} is too large a number`);
}

/** Without an exponent, so that it can be read again. */
const plainNumber = (value: number): string =>
  value.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 20 });
