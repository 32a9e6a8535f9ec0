/** Who gets which ways to the store: a proxy for each role, and for each node where the store is a cluster. */
import { expect, test } from "vitest";
import type { Address } from "../chaos/contract.ts";
import { day } from "../scenarios/day.ts";
import type { RedisEndpoint } from "./environment/any-redis.ts";
import { layLinks } from "./links.ts";
import type { Plan } from "./plan.ts";

const at = (port: number): Address => ({ host: "127.0.0.1", port });
const three = [at(7001), at(7002), at(7003)];

/** Each proxy on the port that is 10,000 higher for commands, 20,000 higher for reads that wait. */
async function laid(roles: Plan["roles"], nodes?: readonly Address[]) {
  const made: string[] = [];
  const redis: RedisEndpoint = { address: at(7001), version: "7.0.0", settings: {}, ...(nodes && { nodes }) };
  const paths = await layLinks(
    { roles, load: { ...day.load, workers: 2, producers: 1 }, proxied: ["link:worker:1"] },
    {
      redis: { ...redis, provider: "a test" },
      async createLink(resource, role, node = redis.address) {
        const name = `${resource} ${role}`;
        made.push(name);
        return { name, upstream: node, listen: at(node.port + (role.startsWith("commands") ? 10_000 : 20_000)) };
      },
    },
  );
  return { made, paths };
}

test("one store has a link for each role that the system keeps apart; whoever is not hit has none", async () => {
  const { made, paths } = await laid(["commands", "blocking"]);
  expect(made).toEqual(["link:worker:1 commands", "link:worker:1 blocking"]);
  expect(paths.of("worker", 1)).toEqual({ commands: at(17_001), blocking: at(27_001) });
  expect(paths.of("worker", 0)).toEqual({ commands: at(7001), blocking: at(7001) });
  expect(paths.of("producer", 0)).toBe(paths.direct);
  expect(paths.described).toEqual({ "producer:0": "direct", "worker:0": "direct", "worker:1": "proxied" });
  const single = await laid(["commands"]);
  expect(single.made).toEqual(["link:worker:1 commands"]);
  expect(single.paths.of("worker", 1)).toEqual({ commands: at(17_001), blocking: at(17_001) });
});

test("a cluster has a link for each role and each node, by the address that the cluster tells", async () => {
  const { made, paths } = await laid(["commands", "blocking"], three);
  expect(made).toEqual(["commands", "blocking"].flatMap((role) => [0, 1, 2].map((n) => `link:worker:1 ${role}-${n}`)));
  const { commands, blocking } = paths.of("worker", 1);
  expect(commands).toEqual({
    ...at(17_001),
    nodes: { "127.0.0.1:7001": at(17_001), "127.0.0.1:7002": at(17_002), "127.0.0.1:7003": at(17_003) },
  });
  expect(blocking.nodes).toEqual({
    "127.0.0.1:7001": at(27_001),
    "127.0.0.1:7002": at(27_002),
    "127.0.0.1:7003": at(27_003),
  });
  expect(paths.of("worker", 0).commands).toEqual({
    ...at(7001),
    nodes: Object.fromEntries(three.map((node) => [`127.0.0.1:${node.port}`, node])),
  });
});
