/**
 * Which faults of a schedule cannot be carried out here, or on what was given: told before a run, never found out in
 * it.
 */
import type { Planned } from "../../chaos/contract.ts";
import { isClock, type Resource } from "../../history/resource.ts";
import { UserError } from "../../std/user-error.ts";
import type { Scheduled } from "../schedule.ts";
import { clockShim } from "./clock-shim.ts";
import { inspectEngine } from "./containers.ts";
import type { Given } from "./contract.ts";
import { findProgram } from "./program.ts";
import { cCompiler, redisServer, toxiproxyServer } from "./ways.ts";

export interface UnavailableFault {
  readonly fault: string;
  /** What stands in the way, and what would clear it. */
  readonly why: string;
}

/** All that matters of a machine, and of what was given. */
export interface MachineFacts {
  readonly givenStore: boolean;
  readonly containedStore: boolean;
  /** Ports are forwarded between us and the proxies; @see proxiesAreForwarded */
  readonly forwarded: boolean;
  /** Why no process's clock can be bent; undefined where it can. Looking may compile something. */
  noClocks(): string | undefined;
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
  const ground = groundOf(given, forwarded);
  const reasons = new Map<string, Set<string>>();
  for (const { fault, plan } of schedule) {
    for (const why of obstacles(plan, ground)) {
      reasons.set(fault, (reasons.get(fault) ?? new Set()).add(why));
    }
  }
  return [...reasons].map(([fault, whys]) => ({ fault, why: [...whys].join("; ") }));
}

const groundOf = (given: Given, forwarded: boolean): MachineFacts => ({
  givenStore: given.redis !== undefined,
  containedStore: given.redis === undefined && "unavailable" in findProgram(redisServer),
  forwarded,
  noClocks,
});

/** What stands in the way of a system whose store is a cluster, whatever befalls it. */
export const clusterObstacles = ({ givenStore, containedStore, forwarded }: MachineFacts): readonly string[] => [
  ...(givenStore ? ["a run starts the three servers of a cluster itself: leave --redis out"] : []),
  ...(containedStore ? ["the servers of a cluster are not started in containers: install redis-server"] : []),
  ...(forwarded
    ? ["Toxiproxy is in a network of its own, and reaches one store there: have toxiproxy-server on this machine"]
    : []),
];

/** @throws UserError where a system whose store is a cluster cannot be run */
export async function expectCluster(given: Given): Promise<void> {
  const forwarded = given.toxiproxyRedis !== undefined || (await proxiesAreForwarded(given));
  const whys = clusterObstacles(groundOf(given, forwarded));
  if (whys.length > 0) throw new UserError(`a system on a cluster cannot be run here: ${whys.join("; ")}`);
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

/** What stands in the way of one fault, as it was planned. */
export const obstacles = (plan: Planned, ground: MachineFacts): readonly string[] => [
  ...(plan.raw && ground.forwarded ? [forwarder] : []),
  ...plan.touches.flatMap((resource) => obstacle(resource, ground) ?? []),
];

function obstacle(resource: Resource, ground: MachineFacts): string | undefined {
  if (resource === "store" && ground.givenStore)
    return "it stops the store, and a run starts again only what it started itself: leave --redis out";
  if (!isClock(resource)) return undefined;
  if (resource === "clock:store") {
    if (ground.givenStore) return "the clock of a Redis that was given is not in the run's hands: leave --redis out";
    if (ground.containedStore)
      return "the clock of a Redis in a container is not in the run's hands: install redis-server";
  }
  return ground.noClocks();
}

function noClocks(): string | undefined {
  const shim = clockShim();
  if (!("unavailable" in shim)) return undefined;
  return process.platform === "linux" ? `${shim.unavailable}: ${cCompiler.ways.join(", or ")}` : shim.unavailable;
}
