/**
 * Everything that a run will do, decided before it starts: load, settings, claims, schedule, limits. Pure once the
 * system is loaded; the same request and seed give the same plan.
 */
import { z } from "zod";
import type { Check } from "../checks/contract.ts";
import { isLink, type Resource } from "../history/resource.ts";
import { spanSeconds } from "../history/ledger.ts";
import type { Load, Scenario } from "../scenarios/contract.ts";
import { plain, type Json } from "../std/json.ts";
import { mix, seeded } from "../std/random.ts";
import { entrusted, ForeignError, named } from "../std/entrusted.ts";
import { UserError } from "../std/user-error.ts";
import { boundsOf, boundsSchema, type Bounds } from "../history/bounds.ts";
import type { Claims, System } from "../systems/contract.ts";
import { loadMs, loadSystem, systemNames, type Catalogues } from "../catalogues/catalogues.ts";
import { limitsOf } from "./drain.ts";
import { runLimits, type RunLimits } from "./limits.ts";
import { arrivals } from "../fleet/load/arrivals.ts";
import { validateScenario } from "../scenarios/schema.ts";
import { schedule, sketch, type Scheduled } from "./schedule.ts";
import { askedOf, type AskedThreshold } from "./thresholds.ts";
import { settingsOf } from "./settings.ts";
import { claimsInForce } from "./verdict.ts";

export interface Choice {
  readonly scenario: string;
  readonly system: string;
  /** A named profile of the system; "defaults" otherwise. */
  readonly profile: string;
  /** Settings of the system over those of the profile, such as `leaseMs=2000`. */
  readonly set?: readonly string[];
  readonly seed: string;
  readonly jobs?: number;
  readonly seconds?: number;
  /** Faults of the scenario that are not wanted this time. */
  readonly without?: readonly string[];
  /** Beside those of the scenario. */
  readonly thresholds?: readonly string[];
}

/** A fault of the scenario that this run goes without, and why. */
export interface LeftOut {
  readonly fault: string;
  readonly why: string;
}

/** Which of these faults cannot be had here, each once, and why. */
export type Unavailable = (due: readonly Pick<Scheduled, "fault" | "plan">[]) => readonly LeftOut[];

export interface Plan extends Choice {
  readonly jobs: number;
  readonly seconds: number;
  readonly definition: Scenario;
  readonly about: { readonly scenario: string; readonly system: string };
  readonly load: Load;
  /** 32 bits of the seed, for chance per job. */
  readonly jobSeed: number;
  readonly settings: Json;
  readonly packages: readonly string[];
  readonly roles: System["roles"];
  readonly store: System["store"];
  readonly tellsSettlements: boolean;
  /** All in force: what holds for any queue and is not waived, and what the system adds. */
  readonly claims: Claims;
  readonly waives: Readonly<Record<string, string>>;
  readonly bounds: Bounds;
  readonly schedule: readonly Scheduled[];
  readonly leftOut: readonly LeftOut[];
  /** What the scenario's load has and the system does not take, in a clause each. */
  readonly untaken: readonly string[];
  /** The processes' links that go through a proxy: those that the trouble touches. */
  readonly proxied: readonly Resource[];
  readonly limits: RunLimits;
  readonly peakPerSecond: number;
  readonly asked: readonly AskedThreshold[];
}

export const defaults = "defaults";

/** @throws UserError for anything that was asked for and is not there, or cannot be had here */
export async function planRun(
  choice: Choice,
  { scenarios, systems, mutants, faults, checks, measures }: Omit<Catalogues, "reports" | "extend">,
  unavailable: Unavailable = () => [],
): Promise<Plan> {
  const definition = chosen("scenario", choice.scenario, scenarios);
  validateScenario(choice.scenario, definition);
  const entry = chosen("system", choice.system, systems, systemNames({ systems, mutants }));
  const system = await loadSystem(choice.system, entry);
  const ask = <T>(what: string, call: () => T): Promise<T> => said(`system "${choice.system}": ${what}`, call);
  const settings = await ask("options", () =>
    settingsOf(system, choice.system, profileOf(system, choice), choice.set ?? []),
  );
  const kept = await ask("options", () => plain(settings));
  const bounds = validBounds(await ask("bounds", () => boundsOf(system.bounds(settings))), choice.system);
  const load = loadOf(definition, { ...system, ...bounds }, choice);
  const claims = await ask("claims", () => claimsInForce(system, settings, bounds, { checks, name: choice.system }));
  validateExercises(definition, choice.scenario, checks);
  const limits = runLimits(load, limitsOf(load, bounds));
  refuseTooLong(load, limits, choice);
  const random = seeded(choice.seed);
  const wanted = { faults, target: { workers: load.workers, producers: load.producers }, seconds: load.seconds };
  const { trouble, unwanted } = sorted(definition.trouble, choice);
  const faultsDue = await said(`the faults of scenario "${choice.scenario}"`, () =>
    schedule(trouble, wanted, random.fork("trouble")),
  );
  refuseUnavailable(choice, unavailable(faultsDue));
  const has = { priorities: Object.keys(load.priorities ?? {}), hasFaults: faultsDue.length > 0 };
  const asked = askedOf(definition.thresholds, choice.thresholds, measures, has);
  return {
    ...choice,
    jobs: load.jobs,
    seconds: load.seconds,
    definition,
    about: { scenario: definition.about, system: system.about },
    load,
    jobSeed: mix(random.fork("jobs").below(2 ** 32)),
    settings: kept,
    packages: system.packages,
    roles: system.roles,
    store: system.store,
    tellsSettlements: system.tellsSettlements,
    claims,
    waives: system.waives ?? {},
    bounds,
    schedule: faultsDue,
    untaken: untaken(definition.load, load),
    leftOut: reasons(choice, unavailable(sketch(unwanted, wanted, random.fork("sketch")))),
    proxied: linksTouched(faultsDue),
    limits,
    asked,
    peakPerSecond: Math.round((arrivals(load.curve, load.jobs, load.seconds, 0).peakToMean * load.jobs) / load.seconds),
  };
}

/** For faults to be healed, processes to stop, and the store to be scanned. */
const besideSeconds = 600;

/** @throws UserError for a run that may go on for longer than its history can tell */
function refuseTooLong({ seconds }: Load, { deadlineMs }: RunLimits, { scenario, system }: Choice): void {
  const drainSeconds = Math.ceil(deadlineMs / 1000);
  const most = spanSeconds - besideSeconds - drainSeconds;
  if (seconds <= most) return;
  throw new UserError(
    `a load of ${seconds} s in scenario "${scenario}", and ${drainSeconds} s in which system "${system}" may work it off, are more than the ${spanSeconds} s that a history can tell: ` +
      (most > 0
        ? `take at most ${most} s (--seconds)`
        : "take shorter runs, waits and delays of its jobs, or a shorter recovery of the system (its bounds)"),
  );
}

/** What it says of itself before anything is run. @throws UserError */
async function said<T>(what: string, call: () => T): Promise<T> {
  try {
    return await named(what, () => entrusted(what, call, loadMs));
  } catch (thrown) {
    throw thrown instanceof ForeignError ? new UserError(thrown.message) : thrown;
  }
}

/** @throws UserError */
function validBounds(bounds: Bounds, system: string): Bounds {
  const parsed = boundsSchema.safeParse(bounds);
  if (parsed.success) return parsed.data;
  throw new UserError(`the bounds of system "${system}" are none:\n${z.prettifyError(parsed.error)}`);
}

/** Of a deduplication window the last part is left: a repetition may be on its way for a while. */
const windowShare = 0.75;

/** As the scenario has it, as far as the system takes it. */
function loadOf(
  { load }: Scenario,
  system: Pick<System, "delays" | "priorities"> & Pick<Bounds, "deduplicationMs">,
  { jobs = load.jobs, seconds = load.seconds }: Choice,
): Load {
  const delayed = system.delays ? load.work.delayed : { ...load.work.delayed, share: 0 };
  const { priorities, repeats, ...alike } = load;
  const windowMs = windowShare * (system.deduplicationMs ?? 0);
  return {
    ...alike,
    jobs,
    seconds,
    work: { ...load.work, delayed },
    ...(system.priorities && priorities !== undefined ? { priorities } : {}),
    ...(windowMs > 0 && repeats !== undefined
      ? { repeats: { ...repeats, withinMs: Math.min(repeats.withinMs, windowMs) } }
      : {}),
  };
}

const untaken = (asked: Load, { work, priorities, repeats }: Load): readonly string[] => [
  ...(asked.work.delayed.share > work.delayed.share ? ["delays: the system takes none"] : []),
  ...(asked.priorities !== undefined && priorities === undefined ? ["priorities: the system takes none"] : []),
  ...(asked.repeats !== undefined && repeats === undefined ? ["repeats: the system takes no callers' keys"] : []),
];

/** @throws UserError for a fault that the scenario does not have */
function sorted(
  all: Scenario["trouble"],
  { scenario, without = [] }: Choice,
): { readonly trouble: Scenario["trouble"]; readonly unwanted: Scenario["trouble"] } {
  const names = [...new Set(all.map(({ fault }) => fault))];
  const stranger = without.find((name) => !names.includes(name));
  if (stranger !== undefined) {
    const has = names.length === 0 ? "it has none" : `it has: ${names.join(", ")}`;
    throw new UserError(`scenario "${scenario}" has no fault "${stranger}" to be left out; ${has}`);
  }
  return {
    trouble: all.filter(({ fault }) => !without.includes(fault)),
    unwanted: all.filter(({ fault }) => without.includes(fault)),
  };
}

/** @throws UserError when there are any */
function refuseUnavailable({ scenario, without = [] }: Choice, missing: readonly LeftOut[]): void {
  if (missing.length === 0) return;
  throw new UserError(
    [
      `not all faults of scenario "${scenario}" can be had here:`,
      ...missing.map(({ fault, why }) => `  - ${fault}: ${why}`),
      `Or leave them out: --without ${[...without, ...missing.map(({ fault }) => fault)].join(",")}`,
    ].join("\n"),
  );
}

const reasons = ({ without = [] }: Choice, missing: readonly LeftOut[]): readonly LeftOut[] =>
  [...new Set(without)].map((fault) => {
    const why = missing.find((one) => one.fault === fault)?.why;
    return { fault, why: `left out by --without${why === undefined ? "" : `; ${why}`}` };
  });

function chosen<T>(
  kind: string,
  name: string,
  from: Readonly<Record<string, T>>,
  names = Object.keys(from).join(", "),
): T {
  const found = Object.hasOwn(from, name) ? from[name] : undefined;
  if (found === undefined) throw new UserError(`no ${kind} is called "${name}"; there are: ${names}`);
  return found;
}

const profileOf = (system: System, { system: name, profile }: Choice): unknown =>
  profile === defaults ? {} : chosen(`profile of ${name}`, profile, { [defaults]: {}, ...system.profiles });

function validateExercises(scenario: Scenario, name: string, checks: Readonly<Record<string, Check>>): void {
  const stranger = scenario.exercises.find((guarantee) => !(guarantee in checks));
  if (stranger !== undefined)
    throw new UserError(`scenario "${name}" exercises "${stranger}", and no check has that name`);
}

/** Each once, in the order in which trouble comes to them. */
const linksTouched = (schedule: readonly Scheduled[]): readonly Resource[] => [
  ...new Set(schedule.flatMap(({ plan: { touches } }) => touches).filter(isLink)),
];
