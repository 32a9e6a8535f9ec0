/**
 * Everything that a run will do, decided before it starts: load, settings, claims, schedule, limits. Pure once the system
 * is loaded; the same request and seed give the same plan.
 */
import { z } from "zod";
import type { Check } from "../checks/contract.ts";
import type { Resource } from "../history/journal.ts";
import type { Load, Scenario } from "../scenarios/contract.ts";
import type { Json } from "../std/json.ts";
import { mix, seeded } from "../std/random.ts";
import { UserError } from "../std/user-error.ts";
import type { Claims, System } from "../systems/contract.ts";
import { loadSystem, type Catalogues } from "./catalogues.ts";
import type { DrainLimits } from "./drain.ts";
import { arrivals } from "./load/arrivals.ts";
import { validateScenario } from "./scenario-schema.ts";
import { schedule, type Scheduled } from "./schedule.ts";
import { validateClaims } from "./verdict.ts";

export interface Choice {
  readonly scenario: string;
  readonly system: string;
  /** A named profile of the system; "defaults" otherwise. */
  readonly profile: string;
  readonly seed: string;
  readonly jobs?: number;
  readonly seconds?: number;
}

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
  readonly tellsSettlements: boolean;
  readonly claims: Claims;
  readonly schedule: readonly Scheduled[];
  /** The processes' links that go through a proxy: those that the trouble touches. */
  readonly proxied: readonly Resource[];
  readonly limits: DrainLimits;
  readonly peakPerSecond: number;
}

export const defaults = "defaults";

/** @throws UserError for anything that was asked for and is not there */
export async function planRun(
  choice: Choice,
  { scenarios, systems, faults, checks }: Pick<Catalogues, "scenarios" | "systems" | "faults" | "checks">,
): Promise<Plan> {
  const definition = chosen("scenario", choice.scenario, scenarios);
  validateScenario(choice.scenario, definition);
  const system = await loadSystem(choice.system, chosen("system", choice.system, systems));
  const settings = settingsOf(system, choice);
  const load: Load = {
    ...definition.load,
    jobs: choice.jobs ?? definition.load.jobs,
    seconds: choice.seconds ?? definition.load.seconds,
  };
  const claims = system.claims(settings);
  validateClaims(claims, checks, choice.system);
  validateExercises(definition, choice.scenario, checks);
  const random = seeded(choice.seed);
  const bounds = system.bounds(settings);
  const retriesMs = load.retries.backoffMs * 2 ** load.retries.attempts;
  const faultsDue = schedule(
    definition,
    faults,
    { workers: load.workers, producers: load.producers },
    load.seconds,
    random.fork("trouble"),
  );
  const stuckMs = bounds.recoveryMs + Math.max(bounds.retryMs, retriesMs) + 5000;
  return {
    ...choice,
    jobs: load.jobs,
    seconds: load.seconds,
    definition,
    about: { scenario: definition.about, system: system.about },
    load,
    jobSeed: mix(random.fork("jobs").below(2 ** 32)),
    settings: plain(settings),
    packages: system.packages,
    roles: system.roles,
    tellsSettlements: system.tellsSettlements,
    claims,
    schedule: faultsDue,
    proxied: linksTouched(faultsDue),
    limits: { stuckMs, deadlineMs: Math.max(60_000, 2 * stuckMs, load.seconds * 500) },
    peakPerSecond: Math.round((arrivals(load.curve, load.jobs, load.seconds, 0).peakToMean * load.jobs) / load.seconds),
  };
}

function chosen<T>(kind: string, name: string, from: Readonly<Record<string, T>>): T {
  const found = Object.hasOwn(from, name) ? from[name] : undefined;
  if (found === undefined)
    throw new UserError(`no ${kind} is called "${name}"; there are: ${Object.keys(from).join(", ")}`);
  return found;
}

function settingsOf(system: System, choice: Choice): unknown {
  const profile =
    choice.profile === defaults
      ? {}
      : chosen(`profile of ${choice.system}`, choice.profile, { [defaults]: {}, ...system.profiles });
  const parsed = system.options.safeParse(profile);
  if (parsed.success) return parsed.data;
  throw new UserError(
    `the profile "${choice.profile}" is not what the options of system "${choice.system}" take:\n${z.prettifyError(parsed.error)}`,
  );
}

function validateExercises(scenario: Scenario, name: string, checks: Readonly<Record<string, Check>>): void {
  const stranger = scenario.exercises.find((guarantee) => !(guarantee in checks));
  if (stranger !== undefined)
    throw new UserError(`scenario "${name}" exercises "${stranger}", and no check has that name`);
}

/** Each once, in the order in which trouble comes to them. */
const linksTouched = (schedule: readonly Scheduled[]): readonly Resource[] => [
  ...new Set(schedule.flatMap(({ plan: { touches } }) => touches).filter((resource) => resource.startsWith("link:"))),
];

const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value));
