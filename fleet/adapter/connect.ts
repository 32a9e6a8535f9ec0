/** From an assignment to a connection of the chosen system; also the way in for the final scan. */
import type { Connection, Context } from "../../systems/contract.ts";
import { loadSystem, type SystemEntry } from "../../catalogues/catalogues.ts";
import type { Role } from "../../history/record.ts";
import type { Load } from "../../scenarios/contract.ts";
import { guardedConnect } from "./guarded.ts";
import type { Assignment } from "../messages.ts";
import { UserError } from "../../std/user-error.ts";

type Post = Pick<
  Assignment,
  "system" | "settings" | "links" | "namespace" | "load" | "slot" | "incarnation" | "patienceMs"
> & { readonly role: Role };

export interface ConnectTools {
  /** A client library. */
  load(packageName: string): Promise<unknown>;
  /** Told of what the adapter does that its contract does not allow. */
  flaw(why: string, isGrave?: boolean): void;
}

/** Jobs may be in more than one place, and some may be there twice: but not all of them, and not so often. */
const placesMax = (jobs: number): number => 4 * jobs + 100_000;

/** @throws UserError, ForeignError; also what the connection does is named, and ends in time @see guardedConnect */
export async function connectTo(
  systems: Readonly<Record<string, SystemEntry>>,
  assignment: Post,
  { load, flaw }: ConnectTools,
): Promise<Connection> {
  const entry = systems[assignment.system];
  if (entry === undefined) throw new UserError(`no system is called "${assignment.system}"`);
  const system = await loadSystem(assignment.system, entry);
  const { retries, priorities, jobs } = assignment.load;
  const context: Context = {
    links: assignment.links,
    role: assignment.role,
    namespace: assignment.namespace,
    name: `${assignment.role}-${assignment.slot}-${assignment.incarnation}`,
    retries,
    ...(priorities === undefined ? {} : { priorities: weightsOf(priorities) }),
    load,
  };
  return await guardedConnect(() => system.connect(context, system.options.parse(assignment.settings)), {
    name: `system "${assignment.system}"`,
    patienceMs: assignment.patienceMs,
    placesMax: placesMax(jobs),
    flaw,
  });
}

const weightsOf = (priorities: NonNullable<Load["priorities"]>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(priorities).map(([name, { weight }]) => [name, weight]));
