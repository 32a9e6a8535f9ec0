/** Which faults of a schedule cannot be carried out here, or on what was given: told before a run, never found out in it. */
import type { Resource } from "../../history/journal.ts";
import type { Scheduled } from "../schedule.ts";
import { clockShim } from "./clock-shim.ts";
import { inspectEngine } from "./containers.ts";
import { findProgram } from "./program.ts";
import type { Given } from "./provide.ts";
import { cCompiler, redisServer, toxiproxyServer } from "./ways.ts";

export interface UnavailableFault {
  readonly fault: string;
  /** What stands in the way, and what would clear it. */
  readonly why: string;
}

/**
 * Each fault once, in the order of the schedule.
 * @param forwarded whether ports are forwarded between us and the proxies; @see proxiesAreForwarded
 */
export function unavailableFaults(
  schedule: readonly Pick<Scheduled, "fault" | "plan">[],
  given: Given,
  forwarded = false,
): readonly UnavailableFault[] {
  const reasons = new Map<string, Set<string>>();
  for (const { fault, plan } of schedule) {
    const inTheWay = plan.raw && forwarded ? [forwarder] : [];
    for (const why of [...inTheWay, ...plan.touches.flatMap((resource) => obstacle(resource, given) ?? [])]) {
      reasons.set(fault, (reasons.get(fault) ?? new Set()).add(why));
    }
  }
  return [...reasons].map(([fault, whys]) => ({ fault, why: [...whys].join("; ") }));
}

const forwarder =
  "Toxiproxy is in a network of its own, and what forwards its ports turns a reset into a mere end: have toxiproxy-server on this machine";

/** Known before anything is started: of one that is given by what is said of it, else by where containers would be. */
export async function proxiesAreForwarded(given: Given): Promise<boolean> {
  if (given.toxiproxy !== undefined) return given.toxiproxyPorts !== undefined;
  if ("path" in findProgram(toxiproxyServer)) return false;
  const engine = await inspectEngine();
  return "network" in engine && engine.network === "own";
}

function obstacle(resource: Resource, given: Given): string | undefined {
  if (resource === "store" && given.redis !== undefined)
    return "it stops the store, and a run starts again only what it started itself: leave --redis out";
  if (!resource.startsWith("clock:")) return undefined;
  if (resource === "clock:store") {
    if (given.redis !== undefined)
      return "the clock of a Redis that was given is not in the run's hands: leave --redis out";
    if ("unavailable" in findProgram(redisServer))
      return "the clock of a Redis in a container is not in the run's hands: install redis-server";
  }
  const shim = clockShim();
  if (!("unavailable" in shim)) return undefined;
  return process.platform === "linux" ? `${shim.unavailable}: ${cCompiler.ways.join(", or ")}` : shim.unavailable;
}
