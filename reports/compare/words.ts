/** How a comparison is put into words, the same in every report. */
import { count, milliseconds } from "../figures.ts";
import type { Comparison, Configuration, FigureName, Pair, Ratio } from "./contract.ts";

interface Wording {
  readonly title: string;
  readonly about: string;
  written(value: number): string;
  /** Behind the ratio: `1.12 x (1.08 to 1.17) as fast`. */
  readonly than: string;
}

const whole = (value: number): string => count(Math.round(value));

export const wordings: Readonly<Record<FigureName, Wording>> = {
  jobsPerSecond: {
    title: "throughput, jobs/s",
    about: "a backlog worked off by one worker, without the time that the machine gave to others",
    written: whole,
    than: "as fast",
  },
  latencyP50Ms: {
    title: "latency p50, ms",
    about: "end to end from the intended time, under the same steady load",
    written: milliseconds,
    than: "as long",
  },
  latencyP99Ms: {
    title: "latency p99, ms",
    about: "the same, of which one job in a hundred takes longer",
    written: milliseconds,
    than: "as long",
  },
  cpuMicrosPerJob: {
    title: "CPU a job, µs",
    about: "main threads of worker and store while a backlog is worked off",
    written: (value) => value.toFixed(1),
    than: "the CPU time",
  },
};

const factor = (value: number): string => value.toPrecision(value >= 9.995 ? 4 : value < 0.1 ? 2 : 3);

/** `1.12 x (1.08 to 1.17)` */
export const interval = ({ ratio, from, to }: Ratio): string => `${factor(ratio)} x (${factor(from)} to ${factor(to)})`;

export const said = (ratio: Ratio): string =>
  ratio.says === "no difference seen"
    ? `no difference seen: ${interval(ratio)}`
    : `${interval(ratio)} ${wordings[ratio.figure].than}`;

/** `stream (2) against stream: no difference seen: ...`, the throughput in one line. */
export function pairSentence(comparison: Comparison, pair: Pair): string {
  const throughput = pair.ratios.find(({ figure }) => figure === "jobsPerSecond");
  const [other, base] = [labelOf(comparison, pair.other), labelOf(comparison, pair.base)];
  if (throughput === undefined) return `${other} against ${base}: too few laps to say`;
  return throughput.says === "no difference seen"
    ? `${other} against ${base}: ${said(throughput)}`
    : `${other} is ${said(throughput)} as ${base}`.replace(/ as fast as /, " as fast as ");
}

export const labelOf = ({ configurations }: Comparison, key: string): string =>
  configurations.find((configuration) => configuration.key === key)?.label ?? key;

/** The broken ones first, whatever their speed; then those of which nobody knows. */
export const byPromises = ({ configurations }: Comparison): readonly Configuration[] => {
  const rank = { fail: 0, unknown: 1, pass: 2 } as const;
  return configurations.toSorted((a, b) => rank[a.promises.verdict] - rank[b.promises.verdict]);
};

/** `≥` where some of its jobs were never settled and it could be more. */
export const latencyText = (latency: NonNullable<Configuration["latency"]>, ms: number): string =>
  `${ms >= (latency.atLeastFromMs ?? Number.POSITIVE_INFINITY) ? "≥ " : ""}${milliseconds(ms)}`;

/** What became of its promises, in a line. */
export function promiseLine({ promises }: Configuration): string {
  const times = `judged ${promises.judged} ${promises.judged === 1 ? "time" : "times"}`;
  if (promises.verdict === "pass") return `kept its promises (${times})`;
  if (promises.verdict === "fail") {
    const names = [...new Set(promises.broken.map(({ guarantee }) => guarantee))];
    return `BROKEN: ${names.join(", ")} (${times})`;
  }
  return `unknown: ${promises.unknown[0]?.why ?? "it was never judged"}`;
}

export function methodLine({ method, seconds }: Comparison): string {
  const threatened = method.scenario === null ? "" : ` and a run of ${method.scenario}`;
  const { workers, concurrency, payloadBytes, runMs, failing, delayed } = method.load;
  const who =
    workers === 1 ? `One worker with ${concurrency} handlers` : `${workers} workers with ${concurrency} handlers each`;
  const share = (of: number, what: string): string =>
    of === 0 ? "" : `, ${Number((of * 100).toFixed(1))} % of them ${what}`;
  const took = runMs[0] === runMs[1] ? `${runMs[0]}` : `${runMs[0]} to ${runMs[1]}`;
  return (
    `${who} that take ${took} ms, jobs of ${count(payloadBytes)} bytes` +
    `${share(failing, "failing")}${share(delayed, "delayed")}; ` +
    `${method.rounds} rounds with fresh processes${threatened}; ` +
    `${count(method.backlogLaps)} laps over backlogs of ${count(method.backlogJobs)} jobs, ` +
    `${count(method.steadyLaps)} laps at ${count(method.offeredPerSecond)} jobs/s; ${Math.round(seconds)} s in all`
  );
}
