/**
 * The study that holds configurations against each other: each is judged by its promises first, in a run of a scenario
 * and in every round; then compared in speed, in rounds of short slices that lie next to each other in time.
 */
import { join } from "node:path";
import type { Catalogues } from "../catalogues/catalogues.ts";
import { conclude } from "../harness/conclude.ts";
import { library } from "../catalogues/configuration.ts";
import { commitOf, readDescription } from "../harness/description.ts";
import { provideEnvironment } from "../harness/environment/provide.ts";
import { startGuardian } from "../harness/guardian.ts";
import { layLinks } from "../harness/links.ts";
import { harnessLine } from "../history/harness-line.ts";
import { claimNamespace } from "../harness/namespace.ts";
import { defaults, planRun, type Choice, type Plan } from "../harness/plan.ts";
import { run as execute, StoppedEarly } from "../harness/run.ts";
import { createRunDirectory, type RunDirectory } from "../harness/run-directory.ts";
import { openJournal } from "../history/journal-file.ts";
import type { Comparison } from "../reports/compare/contract.ts";
import { calendarNow, type Clock } from "../std/clock.ts";
import { percentile } from "../std/percentile.ts";
import { seeded } from "../std/random.ts";
import { messageOf, UserError } from "../std/user-error.ts";
import {
  laps,
  lapsTime,
  scenarioOf,
  shortestRound,
  sizesFor,
  usual,
  waitingOf,
  warmUp,
  type Handling,
} from "./compare/course.ts";
import { figuresOf } from "./compare/figures.ts";
import { MemberError } from "../fleet/life.ts";
import { isNarrow, outcomeOf, progressOf, type Asked, type Notes, type Seen } from "./compare/outcome.ts";
import { judgeRound } from "./compare/promises.ts";
import type { Ground } from "./compare/contract.ts";
import { openRound } from "./compare/round.ts";
import { openStore } from "./compare/store.ts";
import { timetable } from "./compare/timetable.ts";

export interface CompareRequest extends Asked {
  /** The first one is what the others are held against. */
  readonly configurations: readonly (Pick<Choice, "system" | "profile"> & Pick<Handling, "concurrency">)[];
  /** Settings of the systems, over those of their profiles, such as `leaseMs=2000`: the same for all. */
  readonly set: readonly string[];
  /** Of all. */
  readonly handling: Omit<Handling, "concurrency">;
  /** Exactly so many; undefined: until the interval is narrow, or the time is over. */
  readonly rounds: number | undefined;
  /** For all rounds, coming and going of their processes included: none is begun that would end later. */
  readonly seconds: number;
  /** Of each backlog; undefined: by what the slowest works off in a moment. */
  readonly jobs: number | undefined;
  readonly catalogues: Catalogues;
  /** The module whose default export the catalogues are; children load it again. */
  readonly configuration: string;
  readonly directory: string;
  readonly runs: string;
  readonly redis: string | undefined;
}

export interface CompareTools {
  readonly clock: Clock;
  /** A line for people on how far it is. */
  told(line: string): void;
}

/** Of laps in each round, where there is time for more. */
const lapsSeconds = 15;
/** On a busy machine it takes long until laps can begin: then there are more of them. */
const toPreparation = 1.5;
/**
 * Runs all of it and says what came out, also when `stop` cut it short after something was measured.
 * @throws UserError for anything that was asked for and is not there, StoppedEarly when nothing was measured
 */
export async function compare(request: CompareRequest, tools: CompareTools, stop: AbortSignal): Promise<Comparison> {
  const { clock } = tools;
  const startNs = clock.nowNs();
  const shortest = shortestRound(request.configurations.length, request.handling);
  if (request.rounds === undefined && request.seconds < shortest)
    throw new UserError(
      `--seconds must be at least ${shortest} for these ${request.configurations.length} configurations: one round of them takes as long, got ${request.seconds}`,
    );
  const seen = await seenFor(request);
  const scenarios = await scenarioPlans(request, seen);
  const startedAt = calendarNow();
  const name = `compare-${seen.map(({ contender }) => contender.key).join("-")}`;
  const directory = createRunDirectory(request.runs, name, startedAt);
  const notes: Notes = { laps: [], mishaps: [], rounds: 0, sizes: undefined, description: undefined };
  await judgeScenarios(request, tools, seen, scenarios, directory, stop);
  await playRounds(request, tools, seen, directory, notes, stop);
  if (stop.aborted) notes.mishaps.push(`${messageOf(stop.reason)}: not all rounds were run`);
  if (notes.description === undefined) throw new StoppedEarly(`${messageOf(stop.reason)} before anything was measured`);
  return {
    ...outcomeOf(request, seen, notes, notes.description),
    id: directory.id,
    directory: directory.path,
    startedAt: startedAt.toISOString(),
    seconds: (clock.nowNs() - startNs) / 1e9,
  };
}

async function seenFor({ configurations, set, handling, seed, catalogues }: CompareRequest): Promise<readonly Seen[]> {
  const all: Seen[] = [];
  const isOne = new Set(configurations.map(({ concurrency }) => concurrency)).size === 1;
  for (const { system, profile, concurrency } of configurations) {
    const name = profile === defaults ? system : `${system}:${profile}`;
    const label = isOne ? name : `${name} x${concurrency}`;
    const again = all.filter((one) => one.label === label || one.label.startsWith(`${label} (`)).length;
    const file = label.replace(/[: ]/g, "-");
    const plan = await planRun(
      { scenario: "compare", system, profile, set, seed },
      { ...catalogues, scenarios: { compare: scenarioOf({ ...handling, concurrency }) } },
    );
    // One that runs on a cluster is faster or slower by what its store is made of.
    const [first] = all;
    if (first !== undefined && plan.store !== first.contender.plan.store)
      throw new UserError(
        `configurations are compared on one store, and only one of ${first.label} and ${label} needs a cluster: leave it out`,
      );
    all.push({
      contender: { key: again === 0 ? file : `${file}-${again + 1}`, plan },
      label: again === 0 ? label : `${label} (${again + 1})`,
      waiting: waitingOf({ ...handling, concurrency }),
      judged: [],
      latencies: [],
    });
  }
  return all;
}

/** An ordinary run for each, or none. */
function scenarioPlans(
  { scenario: name, set, catalogues }: CompareRequest,
  seen: readonly Seen[],
): Promise<readonly Plan[]> {
  if (name === undefined) return Promise.resolve([]);
  return Promise.all(
    seen.map(({ contender: { plan } }) =>
      planRun({ scenario: name, system: plan.system, profile: plan.profile, set, seed: plan.seed }, catalogues),
    ),
  );
}

async function judgeScenarios(
  { catalogues, configuration, directory: home, redis }: CompareRequest,
  { clock, told }: CompareTools,
  seen: readonly Seen[],
  plans: readonly Plan[],
  directory: RunDirectory,
  stop: AbortSignal,
): Promise<void> {
  for (const [index, plan] of plans.entries()) {
    const one = seen[index];
    if (one === undefined || stop.aborted) return;
    told(`promises of ${one.label}: ${plan.scenario}`);
    const runs = join(directory.path, "promises", one.contender.key);
    const given = { redis };
    const repeat = redis === undefined ? [] : ["--redis", redis];
    const request = { plan, catalogues, configuration, directory: home, runs, given, repeat };
    const result = await conclude(await execute(request, { clock, progress: () => {}, told }, stop), catalogues);
    const { verdict, reasons, guarantees } = result;
    one.judged.push({ where: plan.scenario, verdict, reasons, guarantees });
    told(`promises of ${one.label}: ${verdict}${reasons[0] === undefined ? "" : `: ${reasons[0]}`}`);
  }
}

/** All rounds on one store; everything that was started ends with it. */
async function playRounds(
  request: CompareRequest,
  tools: CompareTools,
  seen: readonly Seen[],
  directory: RunDirectory,
  notes: Notes,
  stop: AbortSignal,
): Promise<void> {
  await using scope = new AsyncDisposableStack();
  const journal = openJournal(directory.journal, tools.clock);
  journal.write(harnessLine());
  scope.defer(() => journal.write({ type: "phase", phase: "over" }));
  const guardian = startGuardian(directory.path);
  scope.defer(() => guardian.dismiss());
  const need = {
    redis: request.redis,
    store: scenarioOf(usual).store,
    needsProxy: false,
    needsStore: false,
    cluster: seen[0]?.contender.plan.store === "cluster",
    clocks: [],
  };
  const environment = await provideEnvironment({ ...need, journal, logs: directory.log }, scope);
  const contenders = seen.map(({ contender }) => contender);
  const first = contenders[0];
  if (first === undefined) return;
  const packages = new Set(contenders.flatMap(({ plan }) => plan.packages));
  const ground: Ground = {
    ...request,
    environment,
    journal,
    clock: tools.clock,
    paths: await layLinks(first.plan, environment),
    versions: Object.fromEntries([...packages].map((name) => [name, library(name, request.directory).version])),
    commit: commitOf(request.directory),
    store: scope.use(await openStore(environment)),
    rounds: join(directory.path, "rounds"),
    namespace: (await claimNamespace(request.seed, environment.redis, journal, scope, tools.told)).name,
  };
  const shortest = shortestRound(seen.length, request.handling);
  const table = timetable(request.seconds, shortest, request.rounds, tools.clock);
  while (!stop.aborted && notes.mishaps.length === 0 && !table.isOver(() => isNarrow(request, seen, notes))) {
    await playRound(request, tools, seen, ground, notes, table.roundSeconds, stop);
    table.ended();
  }
}

async function playRound(
  request: CompareRequest,
  { clock, told }: CompareTools,
  seen: readonly Seen[],
  ground: Ground,
  notes: Notes,
  roundSeconds: number,
  stop: AbortSignal,
): Promise<void> {
  const contenders = seen.map(({ contender }) => contender);
  const number = notes.rounds;
  const random = seeded(request.seed).fork(`round ${number}`);
  const title = `round ${number + 1}`;
  told(`${title}: starting processes, warming up`);
  const beganNs = clock.nowNs();
  await using round = await openRound(ground, contenders, number);
  let mishap: string | undefined;
  try {
    const pace = await warmUp(round, contenders, roundSeconds, clock, stop);
    const waiting = Object.fromEntries(seen.map((one) => [one.contender.key, one.waiting]));
    notes.sizes ??= sizesFor(pace, request.jobs, waiting, request.handling, roundSeconds);
    const prepared = (clock.nowNs() - beganNs) / 1e9;
    const seconds = Math.min(Math.max(lapsSeconds, prepared * toPreparation), lapsTime(roundSeconds, prepared));
    await laps(round, contenders, notes.sizes, { clock, random, seconds, stop });
  } catch (thrown) {
    if (!(thrown instanceof MemberError)) throw thrown;
    mishap = messageOf(thrown);
    notes.mishaps.push(mishap);
  }
  if (stop.aborted) mishap ??= messageOf(stop.reason);
  const played = await round.finish(mishap, stop);
  await ground.store.tidy();
  for (const { key, directory, slices } of played) {
    const own = seen.find(({ contender }) => contender.key === key);
    const { ledger, judged } = judgeRound(directory, `round ${number + 1}`, request.catalogues.checks);
    own?.judged.push(judged);
    notes.description ??= readDescription(directory);
    for (const slice of slices) {
      const figures = slice.kind === "warm-up" ? undefined : figuresOf(ledger, slice, own?.waiting ?? 0);
      if (slice.kind === "warm-up" || figures === undefined) continue;
      const { latenciesMs, atLeastFromMs, ...rest } = figures;
      if (slice.kind === "steady") own?.latencies.push({ latenciesMs, atLeastFromMs, unfinished: rest.unfinished });
      const percentiles = { p50Ms: percentile(latenciesMs, 50), p99Ms: percentile(latenciesMs, 99) };
      notes.laps.push({ configuration: key, round: number, lap: slice.lap, kind: slice.kind, ...rest, ...percentiles });
    }
  }
  notes.rounds++;
  told(`${title}: so far ${progressOf(request, seen, notes)}`);
}
