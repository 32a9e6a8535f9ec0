/** What somebody asks of a comparison, in few words, and what it comes to once all defaults are in it. */
import { randomBytes } from "node:crypto";
import { defaults } from "../../harness/plan.ts";
import { UserError } from "../../std/user-error.ts";
import type { CompareRequest } from "../compare.ts";
import { handlingOf, usual, type Handling } from "./course.ts";

export interface ComparisonChoice {
  /** Each is `system` or `system:profile`; the first is what the others are held against. */
  readonly configurations: readonly string[];
  /**
   * A scenario of which the rounds have the workers and the jobs: what they weigh, how long they run, which fail or
   * wait. Left out: one worker, jobs that end at once.
   */
  readonly load?: string;
  /** Processes, instead of the load's. */
  readonly workers?: number;
  /** Handlers at once in each worker, instead of the load's: several make a configuration each. */
  readonly concurrency?: readonly number[];
  /** Of a handler, ms, drawn between the two, instead of the load's. */
  readonly runMs?: readonly [number, number];
  readonly payloadBytes?: number;
  /** Settings of the systems, over those of their profiles, such as `leaseMs=2000`: the same for all. */
  readonly set?: readonly string[];
  /** In which the promises are threatened, `none` for only in the rounds. Default: `smoke`. */
  readonly scenario?: string;
  /** The same seed gives the same order of turns. Default: drawn; the outcome has it. */
  readonly seed?: string;
  readonly rounds?: number;
  /** The most that the rounds may take. */
  readonly seconds?: number;
  /** In each backlog. */
  readonly jobs?: number;
  readonly failSlowerPercent?: number;
}

export const standard = { scenario: "smoke", seconds: 450 };
/** Instead of a scenario. */
export const none = "none";

/** Where it is done, and how the same is asked for again. */
export type Where = Pick<CompareRequest, "catalogues" | "configuration" | "directory" | "runs" | "redis" | "repeat">;

export const drawnSeed = (): string => randomBytes(4).toString("hex");

/** @throws UserError for what is no configuration, or nothing to compare with */
export function requestOf(choice: ComparisonChoice & { readonly seed: string }, where: Where): CompareRequest {
  const { configurations, scenario = standard.scenario, seconds = standard.seconds, set = [] } = choice;
  const { workers, runMs, payloadBytes, rounds, jobs, failSlowerPercent, seed } = choice;
  const load = loadOf(choice, where);
  const handlers = [...new Set(choice.concurrency ?? [load.concurrency])];
  if (configurations.length * handlers.length < 2)
    throw new UserError(
      "name at least two configurations, such as `whitewater compare stream bullmq bullmq:tuned`, or one and `--concurrency 10,100`",
    );
  return {
    ...where,
    configurations: configurations.flatMap((text) =>
      handlers.map((concurrency) => ({ ...configurationOf(text), concurrency })),
    ),
    set,
    handling: {
      ...load,
      ...(workers === undefined ? {} : { workers }),
      ...(payloadBytes === undefined ? {} : { payloadBytes }),
      ...(runMs === undefined ? {} : { work: { ...load.work, durationMs: runMs } }),
    },
    scenario: scenario === none ? undefined : scenario,
    seed,
    rounds,
    seconds,
    jobs,
    failSlowerPercent,
  };
}

function loadOf({ load }: ComparisonChoice, { catalogues: { scenarios } }: Where): Handling {
  if (load === undefined) return usual;
  const scenario = Object.entries(scenarios).find(([name]) => name === load)?.[1];
  if (scenario === undefined)
    throw new UserError(`no scenario is called "${load}": --load takes one of ${Object.keys(scenarios).join(", ")}`);
  return handlingOf(scenario.load);
}

/** `system` or `system:profile`. */
function configurationOf(text: string): { readonly system: string; readonly profile: string } {
  const [system = "", profile = defaults, ...more] = text.split(":");
  if (system === "" || profile === "" || more.length > 0)
    throw new UserError(`a configuration is SYSTEM or SYSTEM:PROFILE, such as bullmq:tuned, not "${text}"`);
  return { system, profile };
}
