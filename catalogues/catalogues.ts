/**
 * The open catalogues as one value: what a run may choose from. The built-in one is put together at the package's door;
 * a user's configuration extends it, and its members are equal to ours.
 */
import type { Check } from "../checks/contract.ts";
import type { Fault } from "../chaos/contract.ts";
import type { Measure } from "../measures/contract.ts";
import type { Reporter } from "../reports/contract.ts";
import type { Scenario } from "../scenarios/contract.ts";
import type { System } from "../systems/contract.ts";
import { unlike } from "./members.ts";
import { entrusted, ForeignError } from "../std/entrusted.ts";
import { exportsOf } from "../std/module-syntax.ts";
import { messageOf, UserError } from "../std/user-error.ts";

/** Loaded when chosen, so that a process loads one client library and not all. */
export type SystemEntry = () => Promise<{ readonly default: System }>;

/** No member, so that joining it with a catalogue changes no name. */
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- that it is empty is the point
type NoMore = Record<never, never>;

export interface Catalogues<
  Faults extends Record<string, Fault> = Record<string, Fault>,
  Checks extends Record<string, Check> = Record<string, Check>,
  Systems extends string = string,
  Scenarios extends string = string,
> {
  readonly systems: Readonly<Record<Systems, SystemEntry>>;
  readonly faults: Faults;
  readonly checks: Checks;
  readonly scenarios: Readonly<Record<Scenarios, Scenario>>;
  readonly measures: Readonly<Record<string, Measure>>;
  readonly reports: readonly Reporter[];
  /** Of the systems: those that are broken on purpose, which are told only to who asks for them. */
  readonly mutants?: readonly string[] | undefined;
  /**
   * The same catalogues with more members, which are told first. A fault's options and a scenario's names are typed
   * from all of them.
   * @throws UserError when a name is taken
   */
  extend<
    MoreFaults extends Record<string, Fault> = NoMore,
    MoreChecks extends Record<string, Check> = NoMore,
    MoreSystems extends string = never,
    MoreScenarios extends string = never,
  >(more: {
    readonly systems?: Readonly<Record<MoreSystems, SystemEntry>>;
    readonly faults?: MoreFaults;
    readonly checks?: MoreChecks;
    readonly scenarios?: Readonly<
      Record<MoreScenarios, Scenario<NoInfer<Faults & MoreFaults>, NoInfer<Checks & MoreChecks>>>
    >;
    readonly measures?: Readonly<Record<string, Measure>>;
    readonly reports?: readonly Reporter[];
  }): Catalogues<Faults & MoreFaults, Checks & MoreChecks, Systems | MoreSystems, Scenarios | MoreScenarios>;
}

export function catalogues<
  Faults extends Record<string, Fault>,
  Checks extends Record<string, Check>,
  Systems extends string,
  Scenarios extends string,
>(
  members: Omit<Catalogues<Faults, Checks, Systems, Scenarios>, "extend">,
): Catalogues<Faults, Checks, Systems, Scenarios> {
  return {
    ...members,
    extend: (more) =>
      catalogues({
        ...members,
        systems: joined("system", members.systems, more.systems),
        faults: joined("fault", members.faults, more.faults),
        checks: joined("check", members.checks, more.checks),
        scenarios: joined("scenario", members.scenarios, more.scenarios),
        measures: joined("measure", members.measures, more.measures),
        reports: [...members.reports, ...(more.reports ?? [])],
      }),
  };
}

/** The systems that one may want to test, for a sentence. */
export function systemNames({ systems, mutants = [] }: Pick<Catalogues, "systems" | "mutants">): string {
  const names = Object.keys(systems).filter((name) => !mutants.includes(name));
  const rest = mutants.length === 0 ? [] : [`and ${mutants.length} mutants (\`whitewater list --mutants\`)`];
  return [...names, ...rest].join(", ");
}

/** For a module to be loaded, with all that it awaits itself. */
export const loadMs = 60_000;

/** @throws UserError naming the system, when its module cannot be loaded or holds none */
export async function loadSystem(name: string, entry: SystemEntry, ms = loadMs): Promise<System> {
  let missing: readonly string[];
  try {
    const candidates = exportsOf(await entrusted(`the module of system "${name}"`, entry, ms));
    const found = candidates.find(isSystem);
    if (found !== undefined) return found;
    missing = unlike("system", candidates[0]);
  } catch (thrown) {
    if (thrown instanceof ForeignError) throw new UserError(thrown.message);
    throw new UserError(`system "${name}" cannot be loaded: ${messageOf(thrown)}`);
  }
  throw new UserError(
    `system "${name}" must be the default export of its module, with all that \`System\` of "whitewater" asks for: ` +
      `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing, or something else`,
  );
}

const isSystem = (value: unknown): value is System => unlike("system", value).length === 0;

function joined<A extends object, B extends object>(kind: string, ours: A, more: B | undefined): A & B {
  const taken = Object.keys(more ?? {}).find((name) => name in ours);
  if (taken !== undefined) throw new UserError(`there is a ${kind} called "${taken}" already: choose another name`);
  return Object.assign({}, more, ours);
}
