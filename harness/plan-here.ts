/** A plan that can be carried out on this machine, with the servers that were given. */
import { resolve } from "node:path";
import { expectCluster, unavailableFaults } from "./environment/unavailable.ts";
import { expectRoom, thisMachine } from "./machine-limits.ts";
import { planRun, type Choice, type Plan } from "./plan.ts";
import type { RunRequest } from "./run.ts";

/**
 * @param forwarded @see proxiesAreForwarded
 * @throws UserError for anything that was asked for and is not there, or cannot be had here
 */
export async function planHere(
  choice: Choice,
  { catalogues, given, runs }: Pick<RunRequest, "catalogues" | "given" | "runs">,
  forwarded: boolean,
): Promise<Plan> {
  const plan = await planRun(choice, catalogues, (due) => unavailableFaults(due, given, forwarded));
  if (plan.store === "cluster") await expectCluster(given);
  expectRoom(plan, thisMachine(resolve(runs)));
  return plan;
}
