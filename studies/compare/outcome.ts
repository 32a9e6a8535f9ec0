/** What a comparison comes to, from all that was seen: figures, ratios, verdict, and how it was done. */
import type { RunDescription } from "../../harness/description.ts";
import type { Comparison, LapFigures, Pair } from "../../reports/compare/contract.ts";
import { seeded } from "../../std/random.ts";
import { steadySeconds, type Sizes } from "./course.ts";
import { percentile } from "../../std/percentile.ts";
import { percentileCurve, type SliceFigures } from "./figures.ts";
import { promisesOf, type Judged } from "./promises.ts";
import type { Contender } from "./contract.ts";
import { figuresOfConfiguration, pairOf, regressions, verdictOf, wallJobsPerSecond } from "./verdict.ts";

/** What of the request is part of the outcome. */
export interface Asked {
  readonly seed: string;
  /** In which the promises are threatened; undefined: only the rounds are judged. */
  readonly scenario: string | undefined;
  readonly failSlowerPercent: number | undefined;
  /** The shell command that runs the same comparison again. */
  readonly repeat: string;
}

/** What has been seen of one configuration. */
export interface Seen {
  readonly contender: Contender;
  readonly label: string;
  /** Handlers at once, where they wait for something; 0 where they do not. */
  readonly waiting: number;
  readonly judged: Judged[];
  /** Of each steady slice. */
  readonly latencies: Pick<SliceFigures, "latenciesMs" | "unfinished" | "atLeastFromMs">[];
}

/** What all rounds have in common, as it is found out. */
export interface Notes {
  readonly laps: LapFigures[];
  readonly mishaps: string[];
  rounds: number;
  sizes: Sizes | undefined;
  description: RunDescription | undefined;
}

/** Half of an interval, as a share: at this width a difference of a tenth is seen nearly always. */
const narrow = 0.03;

const pairsOf = ({ seed }: Asked, [base, ...others]: readonly Seen[], { laps }: Notes): readonly Pair[] =>
  others.map((other) => pairOf(laps, base?.contender.key ?? "", other.contender.key, seeded(seed).fork("bootstrap")));

/**
 * Whether more rounds would add little. It looks at the width alone, never at where the interval lies: to stop when one
 * likes what one sees would find differences where there are none.
 */
export const isNarrow = (asked: Asked, seen: readonly Seen[], notes: Notes): boolean =>
  pairsOf(asked, seen, notes).every(({ ratios }) =>
    ratios.some(({ figure, from, to }) => figure === "jobsPerSecond" && Math.log(to / from) / 2 <= narrow),
  );

/** For whoever waits: the rates so far, and how sure their ratios are. */
export const progressOf = (asked: Asked, seen: readonly Seen[], notes: Notes): string =>
  [
    ...seen.map(({ label, contender: { key } }) => {
      const rate = figuresOfConfiguration(notes.laps, key).jobsPerSecond;
      return `${label} ${rate === undefined ? "–" : Math.round(rate).toLocaleString("en-US")}/s`;
    }),
    ...pairsOf(asked, seen, notes).flatMap(({ other, ratios }) =>
      ratios
        .filter(({ figure }) => figure === "jobsPerSecond")
        .map(({ ratio, from, to }) => `${other} ${ratio.toFixed(2)} x (${from.toFixed(2)} to ${to.toFixed(2)})`),
    ),
  ].join(", ");

/** Everything but what only the caller knows. */
export function outcomeOf(
  request: Asked,
  seen: readonly Seen[],
  notes: Notes,
  description: RunDescription,
): Omit<Comparison, "id" | "directory" | "startedAt" | "seconds"> {
  const configurations = seen.map(({ contender: { key, plan }, label, judged, latencies }) => ({
    key,
    label,
    system: plan.system,
    profile: plan.profile,
    about: plan.about.system,
    settings: plan.settings,
    promises: promisesOf(judged),
    figures: figuresOfConfiguration(notes.laps, key),
    wallJobsPerSecond: wallJobsPerSecond(notes.laps, key),
    latency: latencyOf(latencies),
  }));
  const base = configurations[0];
  const pairs = [...pairsOf(request, seen, notes)];
  const lapsOf = (kind: LapFigures["kind"]): number =>
    notes.laps.filter((lap) => lap.kind === kind && lap.configuration === base?.key).length;
  return {
    format: 1,
    ...verdictOf(configurations, pairs, notes.mishaps, regressions(pairs, request.failSlowerPercent)),
    seed: request.seed,
    repeat: request.repeat,
    configurations,
    pairs,
    method: {
      scenario: request.scenario ?? null,
      rounds: notes.rounds,
      backlogLaps: lapsOf("backlog"),
      steadyLaps: lapsOf("steady"),
      backlogJobs: Math.max(0, ...Object.values(notes.sizes?.backlogJobs ?? {})),
      offeredPerSecond: notes.sizes?.offeredPerSecond ?? 0,
      steadySeconds,
      load: loadOf(seen),
      failSlowerPercent: request.failSlowerPercent ?? null,
    },
    laps: notes.laps,
    environment: description.environment,
  };
}

/** What every slice has, and how many handlers each configuration. */
function loadOf(seen: readonly Seen[]): Comparison["method"]["load"] {
  const loads = seen.map(({ contender }) => contender.plan.load);
  const [first] = loads;
  if (first === undefined) throw new Error("nobody takes part");
  const { producers, workers, payloadBytes, work } = first;
  const [from, to] = work.durationMs;
  const concurrency = [...new Set(loads.map((load) => load.concurrency))].join(", ");
  return {
    producers,
    workers,
    concurrency,
    payloadBytes,
    runMs: [from, to],
    failing: work.failing + work.alwaysFailing,
    delayed: work.delayed.share,
  };
}

function latencyOf(slices: Seen["latencies"]): Comparison["configurations"][number]["latency"] {
  const all = Float64Array.from(slices.flatMap(({ latenciesMs }) => [...latenciesMs])).sort();
  if (all.length === 0) return undefined;
  const unfinished = slices.reduce((sum, slice) => sum + slice.unfinished, 0);
  const youngest = Math.min(...slices.map(({ atLeastFromMs = Number.POSITIVE_INFINITY }) => atLeastFromMs));
  const at = (percent: number): number => percentile(all, percent);
  return {
    jobs: all.length,
    unfinished,
    ...(unfinished === 0 ? {} : { atLeastFromMs: youngest }),
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    max: at(100),
    curve: percentileCurve(all),
  };
}
