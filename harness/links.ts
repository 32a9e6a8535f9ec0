/**
 * Who reaches the store how: a process whose links the trouble will touch gets proxied ones, one per connection role that
 * its system can keep apart; all others go direct, since a proxy costs a third of the throughput on a small machine.
 */
import type { Links } from "../systems/contract.ts";
import type { Environment } from "./environment/provide.ts";
import type { Plan } from "./plan.ts";

export interface Paths {
  /** Of the process in that slot. */
  of(role: "producer" | "worker", slot: number): Links;
  /** For the result: slot to `direct` or `proxied`. */
  readonly described: Readonly<Record<string, string>>;
}

export async function layLinks(plan: Plan, environment: Environment): Promise<Paths> {
  const direct: Links = { commands: environment.redis.address, blocking: environment.redis.address };
  const links = new Map<string, Links>();
  const described: Record<string, string> = {};
  for (const [role, count] of [
    ["producer", plan.load.producers],
    ["worker", plan.load.workers],
  ] as const) {
    for (let slot = 0; slot < count; slot++) {
      const name = `${role}:${slot}`;
      described[name] = plan.proxied.includes(`link:${role}:${slot}`) ? "proxied" : "direct";
    }
  }
  for (const resource of plan.proxied) {
    const commands = await environment.createLink(resource, "commands");
    const blocking = plan.roles.includes("blocking") ? await environment.createLink(resource, "blocking") : commands;
    links.set(resource, { commands: commands.listen, blocking: blocking.listen });
  }
  return {
    of: (role, slot) => links.get(`link:${role}:${slot}`) ?? direct,
    described,
  };
}
