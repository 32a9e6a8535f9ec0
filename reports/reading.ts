/**
 * What several reports read out of a result in the same way: which guarantee stands first, which distribution is
 * end to end, what the bound of a recovery is. Nothing here judges; it only chooses and words.
 */
import type { Distribution, Measured, Percentiles, PerIncident, Series } from "../measures/contract.ts";
import type { Guarantee, Result } from "./contract.ts";
import { count, duration, isRecord, plural } from "./figures.ts";

/**
 * How a guarantee stands, in the words of the reports. Unclaimed ones are shown and never alarm, nor do untried ones,
 * which the scenario does not threaten: nothing was exposed, so nothing is said of them.
 */
export type Standing = "pass" | "fail" | "unknown" | "unexposed" | "untried" | "not-claimed" | "not-observable";

export function standing(guarantee: Guarantee): Standing {
  if (guarantee.verdict === "not-observable") return "not-observable";
  if (!guarantee.claimed) return "not-claimed";
  if (guarantee.verdict !== "pass") return guarantee.verdict;
  if (guarantee.tried) return "pass";
  return guarantee.exercised ? "unexposed" : "untried";
}

const order: readonly Standing[] = ["fail", "unknown", "unexposed", "pass", "untried", "not-claimed", "not-observable"];

/** What needs a look comes first; among what stands alike what was asked for, then the run's own order. */
export const byUrgency = (result: Result): readonly Guarantee[] =>
  result.guarantees.toSorted(
    (a, b) =>
      order.indexOf(standing(a)) - order.indexOf(standing(b)) ||
      Number(a.threshold === undefined) - Number(b.threshold === undefined),
  );

/** The figure of a guarantee in a few words. */
export function figure(guarantee: Guarantee): string {
  const { threshold } = guarantee;
  if (threshold !== undefined && (guarantee.verdict === "pass" || guarantee.verdict === "fail"))
    return `${threshold.said}, of ${count(threshold.measured)} measured`;
  switch (guarantee.verdict) {
    case "pass":
      return `${plural(guarantee.exposed, "job")} exposed`;
    case "fail":
      return `${plural(guarantee.violations, "violation")} among ${count(guarantee.exposed)} exposed`;
    case "unknown":
    case "not-observable":
      return guarantee.reason;
  }
}

/** `10 acknowledged (2 of them as jobs that were there before)`. */
export function acknowledgedText({ acknowledged, duplicates = 0 }: Result["jobs"]): string {
  const told = `${count(acknowledged)} acknowledged`;
  return duplicates === 0 ? told : `${told} (${count(duplicates)} of them as jobs that were there before)`;
}

/** What the scenario has and this run did not, each with its reason. */
export const leftOutOf = ({ run }: Result): readonly string[] => [
  ...run.leftOut.map(({ fault, why }) => `${fault}: ${why}`),
  ...(run.untaken ?? []),
];

/** Jobs for which it could have failed; undefined where that was not established. */
export const exposed = (guarantee: Guarantee): number | undefined =>
  "exposed" in guarantee ? guarantee.exposed : undefined;

export interface Named<M extends Measured> {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly measured: M;
}

/** In the order in which a job goes through them, or a reader asks for them; other measures follow as they come. */
const preferred = [
  "enqueue",
  "wait",
  "run",
  "end-to-end",
  "throughput",
  "rates",
  "backlog",
  "depth",
  "latency",
  "workers",
];

const rank = (name: string): number => {
  const at = preferred.findIndex((prefix) => name.startsWith(prefix));
  return at === -1 ? preferred.length : at;
};

const titled = (name: string): string => {
  const words = name.replaceAll("-", " ").replace("end to end", "end-to-end").replace(/^cpu$/, "processor time");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

function measures<M extends Measured>(result: Result, is: (measured: Measured) => measured is M): readonly Named<M>[] {
  return Object.entries(result.measures)
    .flatMap(([name, { about, measured }]) => (is(measured) ? [{ name, title: titled(name), about, measured }] : []))
    .toSorted((a, b) => rank(a.name) - rank(b.name));
}

/** What tells about the harness, not about the system: it stands with the load. */
const aboutLoad: readonly string[] = ["load-over-time", "lateness", "lateness-over-time", "cpu"];
const isAboutLoad = (measure: { readonly name: string }): boolean => aboutLoad.includes(measure.name);

const allDistributions = (result: Result): readonly Named<Distribution>[] =>
  measures(result, (measured) => measured.kind === "distribution");

export const latencies = (result: Result): readonly Named<Distribution>[] =>
  allDistributions(result).filter((one) => !isAboutLoad(one));
export const lateness = (result: Result): readonly Named<Distribution>[] =>
  allDistributions(result).filter(isAboutLoad);
const allSeries = (result: Result): readonly Named<Series>[] =>
  measures(result, (measured) => measured.kind === "series").filter(
    ({ measured }) => Object.keys(measured.lines).length > 0,
  );

export const seriesOf = (result: Result): readonly Named<Series>[] =>
  allSeries(result).filter((one) => !isAboutLoad(one));
export const loadSeries = (result: Result): readonly Named<Series>[] => allSeries(result).filter(isAboutLoad);
export const perIncident = (result: Result): readonly Named<PerIncident>[] =>
  measures(result, (measured) => measured.kind === "per-incident");

export const endToEnd = (result: Result): Named<Distribution> | undefined =>
  latencies(result).find(({ name }) => name.startsWith("end-to-end"));

/** The part of a distribution that counts from the real send instead of the intended time, kept for comparison only. */
export const uncorrected = "uncorrected";

/** The parts of a distribution that are those of the priorities, by name; none where all jobs are alike. */
export const priorityParts = ({
  parts,
}: Distribution): readonly { readonly name: string; readonly summary: Percentiles }[] =>
  Object.entries(parts).flatMap(([part, { summary }]) => {
    const name = /^priority (.+)$/.exec(part)?.[1];
    return name === undefined || summary === undefined ? [] : [{ name, summary }];
  });

/** The longest that a job waited to go on which a fault had caught; undefined where none was. */
export function slowestRecovery(result: Result): { readonly ms: number; readonly open: number } | undefined {
  const rows = perIncident(result).flatMap(({ measured }) => measured.rows);
  const last = rows.flatMap((row) => (row.last === null ? [] : [row.last]));
  return last.length === 0 ? undefined : { ms: Math.max(...last), open: rows.reduce((sum, { open }) => sum + open, 0) };
}

/** The term of `recovery-bound`: within how many milliseconds work of a dead or cut-off owner starts again. */
export function recoveryBoundMs(result: Result): number | undefined {
  const terms = result.guarantees.find(({ name, claimed }) => claimed && name === "recovery-bound")?.terms;
  const bound = terms !== undefined && isRecord(terms) ? terms["boundMs"] : undefined;
  return typeof bound === "number" ? bound : undefined;
}

/** Faults whose bite was proven, of all that were armed. */
export const bites = (result: Result): { readonly bit: number; readonly of: number } => ({
  bit: result.incidents.filter(({ bit }) => bit?.proven === true).length,
  of: Math.max(result.run.schedule.length, result.incidents.length),
});

/** How fast jobs were done: while there was load, by whole seconds of it, so that no mean is above the best second. */
export interface Throughput {
  readonly perSecond: number;
  readonly seconds: number;
  /** In the best second of the whole run. */
  readonly best: number;
  /** Done when the load was over. */
  readonly afterwards: number;
}

/** Undefined where nobody counted. */
export function paceOf(result: Result): Throughput | undefined {
  const done = result.measures["throughput"]?.measured;
  const line = done?.kind === "series" ? done.lines["done"] : undefined;
  if (done?.kind !== "series" || line === undefined) return undefined;
  const { loadFrom, loadTo } = result.phases;
  const seconds = Math.max(1, Math.floor((loadTo - loadFrom) / 1e9));
  const over = loadFrom / 1e9 + seconds;
  const sum = (isMeant: (second: number) => boolean): number =>
    line.reduce((all: number, jobs, i) => all + (isMeant(done.at[i] ?? over) ? (jobs ?? 0) : 0), 0);
  return {
    perSecond: sum((second) => second < over) / seconds,
    seconds,
    best: peak(line),
    afterwards: sum((second) => second >= over),
  };
}

export const paceText = ({ perSecond, seconds, best, afterwards }: Throughput): string =>
  `${count(Math.round(perSecond))} jobs/s done over ${duration(seconds * 1000)} of load, ` +
  `${count(Math.round(best))} in the best second` +
  (afterwards === 0 ? "" : `; ${count(afterwards)} more afterwards`);

/** The longest of a line's values. */
export const peak = (values: readonly (number | null)[]): number =>
  values.reduce((most: number, value) => Math.max(most, value ?? 0), 0);

/** What the run could not have seen, in a line; undefined where there was nothing to see. */
export function blindText({ blind }: Result): string | undefined {
  const percent = (shares: readonly number[]): string =>
    `${shares.map((share) => (share * 100).toFixed(share > 0 && share < 0.01 ? 2 : 1)).join(", ")} %`;
  const asked = blind.repeats.filter(({ byAnother }) => byAnother !== undefined);
  if (asked.length === 0) return undefined;
  const after = asked.map(({ afterSeconds }) => afterSeconds).join(", ");
  const times = blind.recoveries.map(({ timesBound }) => timesBound).join(", ");
  const repeats = percent(asked.map(({ byAnother = 0 }) => byAnother));
  const losses = percent(blind.recoveries.map(({ share }) => share));
  return `repeats after ${after} s: ${repeats}; losses of ${times} × their bound: ${losses}`;
}

/** What is to be told of the record although it is as good as it can be; what differs is among the reasons. */
export function recordText({ record: { checksums, told } }: Result): string | undefined {
  const none = "the run is of a format without checksums: what was changed in it since may not be seen";
  const all = [...(checksums === "none" ? [none] : []), ...told];
  return all.length === 0 ? undefined : all.join("; ");
}
