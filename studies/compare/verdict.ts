/**
 * From laps to what is said about them: figures of each configuration, ratios to the first one, and the one verdict.
 */
import type { Comparison, Configuration, FigureName, LapFigures, Pair, Ratio } from "../../reports/compare/contract.ts";
import type { Overall } from "../../reports/contract.ts";
import type { Random } from "../../std/random.ts";
import { costRatio, typical, type Interval, type Lap } from "./statistics.ts";

/** How a figure is read from a slice. All are costs: less is better. */
interface Reading {
  readonly kind: LapFigures["kind"];
  cost(lap: LapFigures): number;
  /** The cost as the figure is written; its own inverse. */
  written(cost: number): number;
  /** Two processes of the same program differ by so much: smaller differences are not told apart. */
  readonly margin: number;
}

const asIs = (cost: number): number => cost;

const readings: Readonly<Record<FigureName, Reading>> = {
  jobsPerSecond: {
    kind: "backlog",
    cost: ({ undisturbedMs, jobs }) => undisturbedMs / 1000 / jobs,
    written: (cost) => 1 / cost,
    margin: 0.02,
  },
  latencyP50Ms: { kind: "steady", cost: ({ p50Ms }) => p50Ms, written: asIs, margin: 0.1 },
  latencyP99Ms: { kind: "steady", cost: ({ p99Ms }) => p99Ms, written: asIs, margin: 0.2 },
  cpuMicrosPerJob: {
    kind: "backlog",
    cost: ({ workerMicrosPerJob, brokerMicrosPerJob }) => workerMicrosPerJob + brokerMicrosPerJob,
    written: asIs,
    margin: 0.02,
  },
};
const names: readonly FigureName[] = ["jobsPerSecond", "latencyP50Ms", "latencyP99Ms", "cpuMicrosPerJob"];

/** Laps of that kind, of which the cost is known: it is 0 where the platform does not tell. */
const costsOf = (laps: readonly LapFigures[], key: string, { kind, cost }: Reading): readonly LapFigures[] =>
  laps.filter((lap) => lap.configuration === key && lap.kind === kind && cost(lap) > 0);

export function figuresOfConfiguration(laps: readonly LapFigures[], key: string): Configuration["figures"] {
  const figures: Configuration["figures"] = {};
  for (const name of names) {
    const reading = readings[name];
    const cost = typical(byRound(costsOf(laps, key, reading)).map((round) => round.map(reading.cost)));
    if (cost !== undefined) figures[name] = reading.written(cost);
  }
  return figures;
}

/** All jobs of all backlogs, over all the time that they took. */
export function wallJobsPerSecond(laps: readonly LapFigures[], key: string): number | undefined {
  const own = laps.filter(({ configuration, kind }) => configuration === key && kind === "backlog");
  const sum = (pick: (lap: LapFigures) => number): number => own.reduce((total, lap) => total + pick(lap), 0);
  return own.length === 0 ? undefined : (sum(({ jobs }) => jobs) * 1000) / sum(({ wallMs }) => wallMs);
}

const byRound = (laps: readonly LapFigures[]): readonly (readonly LapFigures[])[] => [
  ...Map.groupBy(laps, ({ round }) => round).values(),
];

export function pairOf(laps: readonly LapFigures[], base: string, other: string, random: Random): Pair {
  const ratios = names.flatMap((figure): Ratio[] => {
    const reading = readings[figure];
    const [ours, theirs] = [costsOf(laps, base, reading), costsOf(laps, other, reading)];
    const paired = ours.flatMap((lap): Lap[] => {
      const beside = theirs.find(({ round, lap: number }) => round === lap.round && number === lap.lap);
      return beside === undefined ? [] : [{ round: lap.round, base: reading.cost(lap), other: reading.cost(beside) }];
    });
    const cost = costRatio(paired, random.fork(`${base} ${other} ${figure}`));
    return cost === undefined ? [] : [ratioOf(figure, reading, cost, paired.length)];
  });
  return { base, other, ratios };
}

function ratioOf(figure: FigureName, { written, margin }: Reading, { ratio, from, to }: Interval, laps: number): Ratio {
  const [least, most] = [written(from), written(to)].toSorted((a, b) => a - b);
  return {
    figure,
    ratio: written(ratio),
    from: least ?? Number.NaN,
    to: most ?? Number.NaN,
    margin,
    laps,
    says: from > 1 + margin ? "worse" : to < 1 / (1 + margin) ? "better" : "no difference seen",
  };
}

/** A pair that got slower by more than was allowed: fewer jobs a second, or a longer way from end to end. */
export function regressions(pairs: readonly Pair[], failSlowerPercent: number | undefined): readonly string[] {
  if (failSlowerPercent === undefined) return [];
  const allowed = failSlowerPercent / 100;
  return pairs.flatMap(({ base, other, ratios }) =>
    ratios
      .filter(({ figure, says }) => says === "worse" && figure !== "cpuMicrosPerJob")
      .filter(({ figure, ratio }) => (figure === "jobsPerSecond" ? ratio < 1 - allowed : ratio > 1 + allowed))
      .map(
        ({ figure, ratio }) =>
          `${other} is slower than ${base} by more than ${failSlowerPercent} %: ${figure} ${ratio.toFixed(2)} x`,
      ),
  );
}

/** Broken comes first, whatever the speed; then what nobody can know; then the regression that was asked about. */
export function verdictOf(
  configurations: readonly Configuration[],
  pairs: readonly Pair[],
  mishaps: readonly string[],
  slower: readonly string[],
): Pick<Comparison, "verdict" | "sentence" | "reasons"> {
  const broken = configurations.filter(({ promises }) => promises.verdict === "fail");
  const unknown = configurations.filter(({ promises }) => promises.verdict === "unknown");
  const unmeasured = pairs.filter(({ ratios }) => !ratios.some(({ figure }) => figure === "jobsPerSecond"));
  const reasons = [
    ...broken.flatMap(({ label, promises }) =>
      promises.broken.map(({ guarantee, what, where }) => `${label} broke ${guarantee} (${where}): ${what}`),
    ),
    ...slower,
    ...mishaps,
    ...unknown.flatMap(({ label, promises }) =>
      promises.unknown.map(({ why, where }) => `${label} (${where}): ${why}`),
    ),
    ...unmeasured.map(({ base, other }) => `${other} against ${base}: too few laps to say anything about speed`),
  ];
  const verdict: Overall =
    broken.length + slower.length > 0
      ? "fail"
      : mishaps.length + unknown.length + unmeasured.length > 0
        ? "unknown"
        : "pass";
  const labels = (some: readonly Configuration[]): string => some.map(({ label }) => label).join(" and ");
  const sentence =
    broken.length > 0
      ? `${labels(broken)} broke a promise: the speed of what does not do its work is worth nothing.`
      : slower.length > 0
        ? "It got slower by more than was allowed."
        : verdict === "unknown"
          ? "Nothing broke, but not everything that was to be known is known."
          : "Every configuration kept all of its promises.";
  return { verdict, sentence, reasons };
}
