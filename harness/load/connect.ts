/** From an assignment to a connection of the chosen system; also the way in for the final scan. */
import type { Connection } from "../../systems/contract.ts";
import { loadSystem, type SystemEntry } from "../catalogues.ts";
import type { Role } from "../../history/record.ts";
import type { Load } from "../../scenarios/contract.ts";
import type { Assignment } from "./messages.ts";
import { UserError } from "../../std/user-error.ts";

export async function connectTo(
  systems: Readonly<Record<string, SystemEntry>>,
  assignment: Pick<Assignment, "system" | "settings" | "links" | "namespace" | "load" | "slot" | "incarnation"> & {
    readonly role: Role;
  },
  load: (packageName: string) => Promise<unknown>,
): Promise<Connection> {
  const entry = systems[assignment.system];
  if (entry === undefined) throw new UserError(`no system is called "${assignment.system}"`);
  const system = await loadSystem(assignment.system, entry);
  const { retries, priorities } = assignment.load;
  return system.connect(
    {
      links: assignment.links,
      role: assignment.role,
      namespace: assignment.namespace,
      name: `${assignment.role}-${assignment.slot}-${assignment.incarnation}`,
      retries,
      ...(priorities === undefined ? {} : { priorities: weightsOf(priorities) }),
      load,
    },
    system.options.parse(assignment.settings),
  );
}

const weightsOf = (priorities: NonNullable<Load["priorities"]>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(priorities).map(([name, { weight }]) => [name, weight]));
