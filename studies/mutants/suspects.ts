/** The mutants among the systems of a catalogue: what each has to be failed by, and under which scenario. */
import { loadSystem, type Catalogues } from "../../catalogues/catalogues.ts";
import { claimsInForce } from "../../harness/verdict.ts";
import { boundsOf } from "../../history/bounds.ts";
import { messageOf, UserError } from "../../std/user-error.ts";
import type { Mutant, System } from "../../systems/contract.ts";

/** A mutant as the study needs it. */
export type StudiedMutant = Pick<Mutant, "about" | "killedBy" | "under" | "related"> & {
  /** Of the system in the catalogue. */
  readonly name: string;
};

type Members = Pick<Catalogues, "systems" | "checks" | "scenarios">;

/** @throws UserError for a system that cannot be loaded, or that is a mutant by half */
export async function mutantsAmong(
  systems: Catalogues["systems"],
  names: readonly string[] = Object.keys(systems),
): Promise<Readonly<Record<string, Mutant>>> {
  const found: Record<string, Mutant> = {};
  for (const name of names) {
    const entry = systems[name];
    // A folder may hold modules that are no systems at all.
    if (entry === undefined || !("killedBy" in Object(await defaultOf(name, entry)))) continue;
    const system = await loadSystem(name, entry);
    if (!isMutant(system))
      throw new UserError(
        `mutant "${name}" must say by which check it is killed, under which scenario, and which checks are related (maybe [])`,
      );
    found[name] = system;
  }
  return found;
}

async function defaultOf(name: string, entry: () => Promise<unknown>): Promise<unknown> {
  try {
    const loaded: unknown = await entry();
    return typeof loaded === "object" && loaded !== null && "default" in loaded ? loaded.default : undefined;
  } catch (thrown) {
    throw new UserError(`system "${name}" cannot be loaded: ${messageOf(thrown)}`);
  }
}

const isMutant = (system: System): system is Mutant =>
  "killedBy" in system &&
  typeof system.killedBy === "string" &&
  "under" in system &&
  typeof system.under === "string" &&
  "related" in system &&
  Array.isArray(system.related) &&
  (!("alsoUnder" in system) || Array.isArray(system.alsoUnder)) &&
  (!("hiddenUnder" in system) || (typeof system.hiddenUnder === "object" && system.hiddenUnder !== null));

/**
 * @param names of those that are wanted; none for all
 * @param scenario in which they are to be found out, and say so, instead of each in its own
 * @throws UserError for a name that no mutant has, and for a mutant that could not be judged by these catalogues
 */
export function suspectsFrom(
  mutants: Readonly<Record<string, Mutant>>,
  names: readonly string[],
  members: Pick<Members, "checks" | "scenarios">,
  scenario?: string,
): readonly StudiedMutant[] {
  const shown = scenario === undefined ? Object.keys(mutants) : shownUnder(scenario, mutants);
  const wanted = names.length === 0 ? shown : [...new Set(names)];
  return wanted.map((name) => {
    const mutant = Object.hasOwn(mutants, name) ? mutants[name] : undefined;
    if (mutant === undefined)
      throw new UserError(
        `no mutant is called "${name}"; there are: ${Object.keys(mutants).join(", ") || "none at all"}`,
      );
    validate(name, mutant, members);
    if (scenario !== undefined && !shown.includes(name)) {
      const reason = mutant.hiddenUnder?.[scenario];
      throw new UserError(
        `mutant "${name}" ${reason === undefined ? `does not say that it is found out under "${scenario}"` : `is not found out under "${scenario}": ${reason}`}; those that are: ${shown.join(", ") || "none"}`,
      );
    }
    const { about, killedBy, related } = mutant;
    const under = scenario ?? mutant.under;
    return { name, about, killedBy, under, related };
  });
}

const placesOf = ({ under, alsoUnder = [] }: Mutant): readonly string[] => [under, ...alsoUnder];
const namedBy = (mutant: Mutant): readonly string[] => [...placesOf(mutant), ...Object.keys(mutant.hiddenUnder ?? {})];

const shownUnder = (scenario: string, mutants: Readonly<Record<string, Mutant>>): readonly string[] =>
  Object.entries(mutants).flatMap(([name, mutant]) => (placesOf(mutant).includes(scenario) ? [name] : []));

function validate(name: string, mutant: Mutant, { checks, scenarios }: Pick<Members, "checks" | "scenarios">): void {
  const { killedBy, related } = mutant;
  const stranger = [killedBy, ...related].find((check) => !Object.hasOwn(checks, check));
  if (stranger !== undefined)
    throw new UserError(
      `mutant "${name}" names the check "${stranger}", and none has that name; there are: ${Object.keys(checks).join(", ")}`,
    );
  const nowhere = namedBy(mutant).find((place) => !Object.hasOwn(scenarios, place));
  if (nowhere !== undefined)
    throw new UserError(
      `mutant "${name}" says something of "${nowhere}", and no scenario has that name; there are: ${Object.keys(scenarios).join(", ")}`,
    );
  const settings = mutant.options.parse({});
  if (!(killedBy in claimsInForce(mutant, settings, boundsOf(mutant.bounds(settings)), { checks, name })))
    throw new UserError(
      `mutant "${name}" is to be failed by ${killedBy}, which is not in force for it: only what is claimed, or holds for any queue, fails a run`,
    );
}
