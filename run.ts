/**
 * `run` and `compare` are what `whitewater run` and `whitewater compare` do, for a test or a program to call: they have
 * servers and processes of their own, and return what was found. The report lies in the directory that the outcome
 * names.
 */
import { dirname, resolve } from "node:path";
import type { Catalogues } from "./catalogues/catalogues.ts";
import { conclude } from "./harness/conclude.ts";
import { findConfiguration, loadCatalogues } from "./catalogues/configuration.ts";
import { proxiesAreForwarded } from "./harness/environment/unavailable.ts";
import { planHere } from "./harness/plan-here.ts";
import { defaults } from "./harness/plan.ts";
import { run as execute } from "./harness/run.ts";
import { runDirectory, write } from "./harness/run-directory.ts";
import { sweepAll } from "./harness/sweep.ts";
import type { builtin } from "./index.ts";
import type { Comparison } from "./reports/compare/contract.ts";
import { comparisonReports } from "./reports/compare/index.ts";
import type { Result } from "./reports/contract.ts";
import { monotonic } from "./std/clock.ts";
import type { Json } from "./std/json.ts";
import { sibling } from "./std/sibling.ts";
import { compare as compareConfigurations } from "./studies/compare.ts";
import { drawnSeed, requestOf, type ComparisonChoice as Asked } from "./studies/compare/choice.ts";

/** What the command takes as options, under the same names. */
export interface RunChoice<Own extends Catalogues = typeof builtin> extends Surroundings {
  readonly scenario: ScenarioOf<Own>;
  /** Default: `stream`, the reference engine. */
  readonly system?: SystemOf<Own>;
  readonly profile?: string;
  /** Of the system, over those of its profile. */
  readonly settings?: Readonly<Record<string, Json>>;
  /** The same seed gives the same schedule. Default: drawn; the result has it. */
  readonly seed?: string;
  readonly jobs?: number;
  /** Of load. */
  readonly seconds?: number;
  /** Faults of the scenario that are left out. */
  readonly without?: readonly string[];
  /** Such as `p99(end-to-end) < 500ms`. */
  readonly thresholds?: readonly string[];
}

/** Where it is done, and who is told. */
export interface Surroundings {
  /** `host:port` of a Redis to be used, and no other. */
  readonly redis?: string;
  /** The module of the catalogues. Default: `whitewater.config.ts` in the working directory, else the built-in ones. */
  readonly config?: string;
  /** Where run directories are made. Default: `runs`. */
  readonly runs?: string;
  /** Aborted: it ends as by Ctrl-C; what was recorded is kept, and judged. */
  readonly signal?: AbortSignal;
  /** Lines for people. */
  readonly told?: (line: string) => void;
}

/** What `whitewater compare` takes, under the same names. */
export interface CompareChoice<Own extends Catalogues = typeof builtin> extends Omit<
  Asked,
  "configurations" | "load" | "scenario" | "set"
> {
  /** The first is what the others are held against. */
  readonly configurations: readonly (SystemOf<Own> | `${SystemOf<Own>}:${string}`)[];
  readonly load?: ScenarioOf<Own>;
  readonly scenario?: ScenarioOf<Own> | "none";
  /** Of the systems, over those of their profiles: the same for all. */
  readonly settings?: Readonly<Record<string, Json>>;
}

type SystemOf<Own extends Catalogues> = keyof Own["systems"] & string;
type ScenarioOf<Own extends Catalogues> = keyof Own["scenarios"] & string;

/**
 * Resolves to what was found, whatever it is: `expect((await run({ scenario: "crashes" })).verdict).toBe("pass")`. With
 * `run<typeof config>` the names are those of your own configuration.
 * @throws UserError for what was asked for and cannot be had; StoppedEarly where the signal came before anything was
 * recorded; ForeignError where the system never did what it is asked for
 */
export async function run<Own extends Catalogues = typeof builtin>(choice: RunChoice<Own>): Promise<Result> {
  const { scenario, system = "stream", profile = defaults, settings = {}, seed = drawnSeed() } = choice;
  const { jobs, seconds, without = [], thresholds = [] } = choice;
  const where = await whereFor(choice);
  const given = { redis: choice.redis };
  const repeat = [
    ...(choice.redis === undefined ? [] : ["--redis", choice.redis]),
    ...(choice.config === undefined ? [] : ["--config", choice.config]),
  ];
  const chosen = {
    scenario,
    system,
    profile,
    set: setOf(settings),
    seed,
    ...(jobs === undefined ? {} : { jobs }),
    ...(seconds === undefined ? {} : { seconds }),
    without,
    thresholds,
  };
  const { told, signal, ...request } = where;
  const plan = await planHere(chosen, { ...request, given }, await proxiesAreForwarded(given));
  const tools = { clock: monotonic, progress: () => {}, told };
  const directory = await execute({ ...request, given, repeat, plan }, tools, signal);
  return await conclude(directory, request.catalogues);
}

/**
 * Resolves to what was found, whatever it is: each configuration with its promises and figures, and the ratios to the
 * first.
 * @throws UserError for what was asked for and cannot be had; StoppedEarly where the signal came before anything was
 * measured
 */
export async function compare<Own extends Catalogues = typeof builtin>(
  choice: CompareChoice<Own> & Surroundings,
): Promise<Comparison> {
  const { settings = {}, seed = drawnSeed(), redis } = choice;
  const { told, signal, ...where } = await whereFor(choice);
  const repeat = `compare({ configurations: ${JSON.stringify(choice.configurations)}, seed: "${seed}", ... })`;
  const request = requestOf({ ...choice, seed, set: setOf(settings) }, { ...where, redis, repeat });
  const comparison = await compareConfigurations(request, { clock: monotonic, told }, signal);
  const directory = runDirectory(comparison.directory);
  for (const { file, render } of comparisonReports) write(directory, file, render(comparison));
  return comparison;
}

const setOf = (settings: Readonly<Record<string, Json>>): readonly string[] =>
  Object.entries(settings).map(([name, value]) => `${name}=${JSON.stringify(value)}`);

/** What the catalogues in force are, and where everything goes; what an earlier one left behind is swept up. */
async function whereFor({ config, runs = "runs", told = () => {}, signal = never }: Surroundings) {
  const own = config === undefined ? findConfiguration(process.cwd()) : resolve(config);
  const configuration = own ?? sibling(import.meta.url, "./index");
  const catalogues = await loadCatalogues(configuration);
  await sweepAll(runs);
  return { catalogues, configuration, directory: own === undefined ? process.cwd() : dirname(own), runs, told, signal };
}

const never = new AbortController().signal;
