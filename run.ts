/**
 * `run` is what `whitewater run` does, for a test or a program to call: it has servers and processes of its own, and returns
 * what was found. The report lies in the directory that the result names.
 */
import { randomBytes } from "node:crypto";
import { dirname, resolve } from "node:path";
import type { Catalogues } from "./catalogues/catalogues.ts";
import { conclude } from "./harness/conclude.ts";
import { findConfiguration, loadCatalogues } from "./catalogues/configuration.ts";
import { proxiesAreForwarded } from "./harness/environment/unavailable.ts";
import { planHere } from "./harness/plan-here.ts";
import { defaults } from "./harness/plan.ts";
import { run as execute } from "./harness/run.ts";
import { sweepAll } from "./harness/sweep.ts";
import type { builtin } from "./index.ts";
import type { Result } from "./reports/contract.ts";
import { monotonic } from "./std/clock.ts";
import type { Json } from "./std/json.ts";
import { sibling } from "./std/sibling.ts";

/** What the command takes as options, under the same names. */
export interface RunChoice<Own extends Catalogues = typeof builtin> {
  readonly scenario: keyof Own["scenarios"] & string;
  /** Default: `stream`, the reference engine. */
  readonly system?: keyof Own["systems"] & string;
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
  /** `host:port` of a Redis to be used, and no other. */
  readonly redis?: string;
  /** The module of the catalogues. Default: `whitewater.config.ts` in the working directory, else the built-in ones. */
  readonly config?: string;
  /** Where run directories are made. Default: `runs`. */
  readonly runs?: string;
  /** Aborted: the run ends as by Ctrl-C; what was recorded is kept, and judged. */
  readonly signal?: AbortSignal;
  /** Lines for people. */
  readonly told?: (line: string) => void;
}

/**
 * Resolves to what was found, whatever it is: `expect((await run({ scenario: "crashes" })).verdict).toBe("pass")`. With
 * `run<typeof config>` the names are those of your own configuration.
 * @throws UserError for what was asked for and cannot be had; StoppedEarly where the signal came before anything was recorded;
 * ForeignError where the system never did what it is asked for
 */
export async function run<Own extends Catalogues = typeof builtin>(choice: RunChoice<Own>): Promise<Result> {
  const {
    scenario,
    system = "stream",
    profile = defaults,
    settings = {},
    seed = randomBytes(4).toString("hex"),
  } = choice;
  const { jobs, seconds, without = [], thresholds = [], runs = "runs", told = () => {} } = choice;
  const { signal = new AbortController().signal } = choice;
  const own = choice.config === undefined ? findConfiguration(process.cwd()) : resolve(choice.config);
  const configuration = own ?? sibling(import.meta.url, "./index");
  const given = { redis: choice.redis };
  const where = {
    catalogues: await loadCatalogues(configuration),
    configuration,
    directory: own === undefined ? process.cwd() : dirname(own),
    runs,
    given,
    repeat: [
      ...(choice.redis === undefined ? [] : ["--redis", choice.redis]),
      ...(choice.config === undefined ? [] : ["--config", choice.config]),
    ],
  };
  await sweepAll(runs);
  const chosen = {
    scenario,
    system,
    profile,
    set: Object.entries(settings).map(([name, value]) => `${name}=${JSON.stringify(value)}`),
    seed,
    ...(jobs === undefined ? {} : { jobs }),
    ...(seconds === undefined ? {} : { seconds }),
    without,
    thresholds,
  };
  const plan = await planHere(chosen, where, await proxiesAreForwarded(given));
  const directory = await execute({ ...where, plan }, { clock: monotonic, progress: () => {}, told }, signal);
  return await conclude(directory, where.catalogues);
}
