/**
 * Who reaches the store how: a process whose links the trouble will touch gets proxied ones, one per connection role
 * that its system can keep apart; all others go direct, since a proxy costs a third of the throughput on a small
 * machine.
 */
import { linkOf, slotOf } from "../history/resource.ts";
import type { Address, LinkRole, Links, Way } from "../systems/contract.ts";
import { textOf } from "./environment/address.ts";
import type { RedisEndpoint } from "./environment/any-redis.ts";
import type { Environment } from "./environment/provide.ts";
import type { Plan } from "./plan.ts";

export interface Paths {
  /** Through no proxy. */
  readonly direct: Links;
  /** Of the process in that slot. */
  of(role: "producer" | "worker", slot: number): Links;
  /** For the result: slot to `direct` or `proxied`. */
  readonly described: Readonly<Record<string, string>>;
}

export async function layLinks(
  plan: Pick<Plan, "load" | "proxied" | "roles">,
  environment: Pick<Environment, "redis" | "createLink">,
): Promise<Paths> {
  const straight = await wayTo(environment.redis, (node) => Promise.resolve(node));
  const direct: Links = { commands: straight, blocking: straight };
  const links = new Map<string, Links>();
  const described: Record<string, string> = {};
  for (const [role, count] of [
    ["producer", plan.load.producers],
    ["worker", plan.load.workers],
  ] as const) {
    for (let slot = 0; slot < count; slot++) {
      const name = slotOf(role, slot);
      described[name] = plan.proxied.includes(linkOf(name)) ? "proxied" : "direct";
    }
  }
  for (const resource of plan.proxied) {
    const way = (role: LinkRole): Promise<Way> =>
      wayTo(
        environment.redis,
        async (node, name) => (await environment.createLink(resource, `${role}${name}`, node)).listen,
      );
    const commands = await way("commands");
    links.set(resource, { commands, blocking: plan.roles.includes("blocking") ? await way("blocking") : commands });
  }
  return {
    direct,
    of: (role, slot) => links.get(linkOf(slotOf(role, slot))) ?? direct,
    described,
  };
}

/** @param reach where the node is reached; its name tells it from the others, where there are any */
export async function wayTo(
  { address, nodes }: Pick<RedisEndpoint, "address" | "nodes">,
  reach: (node: Address, name: string) => Promise<Address>,
): Promise<Way> {
  if (nodes === undefined) return await reach(address, "");
  const reached: Record<string, Address> = {};
  for (const [n, node] of nodes.entries()) reached[textOf(node)] = await reach(node, `-${n}`);
  return { ...(reached[textOf(address)] ?? address), nodes: reached };
}
