/**
 * The store of a system on a cluster: three masters that share the slots, each a server of the run's own on this
 * machine.
 */
import { clusterLever, whole } from "../../chaos/levers/cluster.ts";
import { askOnce } from "../../chaos/levers/probe.ts";
import type { OwnStore, StoreHandles } from "../../chaos/levers/store.ts";
import { onFreePort } from "../../std/free-port.ts";
import { UserError } from "../../std/user-error.ts";
import { askRedis, type RedisEndpoint, type RedisNeed } from "./any-redis.ts";
import { findProgram } from "./program.ts";
import { startServer } from "./redis.ts";
import { redisServer, waysToProvide, type Provided } from "./ways.ts";

interface ClusterNeed extends Pick<RedisNeed, "profile" | "variables" | "journal"> {
  /** Of each node its own. */
  logs(name: string): string;
}

interface Node {
  readonly store: OwnStore<StoreHandles>;
  /** Where the others talk to it. */
  readonly bus: number;
}

const host = "127.0.0.1";
const slots = 16_384;
/** A node that is silent for longer is taken for gone by the others: longer than a busy machine lets one wait. */
const nodeTimeoutMs = 5000;

/** @throws UserError when there is no redis-server here, or it does not start */
export async function startCluster(need: ClusterNeed, scope: AsyncDisposableStack): Promise<Provided<RedisEndpoint>> {
  const found = findProgram(redisServer);
  if ("unavailable" in found) throw new UserError(waysToProvide(redisServer, [found.unavailable]));
  const node = (n: number): Promise<Node> => startNode(found.path, { ...need, log: need.logs(`redis-${n}`) }, scope);
  const [first, ...others] = [await node(0), await node(1), await node(2)] as const;
  const { address } = first.store;
  const { version, settings } = await askRedis(address, ["cluster-enabled", "cluster-node-timeout"]);
  await join([first, ...others]);
  const store = clusterLever([first.store, ...others.map((other) => other.store)]);
  return {
    address,
    nodes: store.nodes,
    store,
    version,
    settings,
    provider: `started by the run: a cluster of ${store.nodes.length} masters`,
  };
}

const startNode = (
  path: string,
  need: Omit<ClusterNeed, "logs"> & { readonly log: string },
  scope: AsyncDisposableStack,
): Promise<Node> =>
  onFreePort(async (port) => {
    // By itself it would take a port that is 10,000 higher, from the range of outgoing connections.
    const bus = await onFreePort((free) => Promise.resolve(free));
    const settings = `--cluster-enabled yes --cluster-node-timeout ${nodeTimeoutMs} --cluster-announce-ip ${host} --cluster-port ${bus}`;
    const store = await startServer(path, need, port, scope, settings.split(" "));
    return store === "taken" ? store : { store, bus };
  });

/** Divides the slots, and makes all known to the first, from whom they learn of each other. */
async function join(nodes: readonly Node[]): Promise<void> {
  for (const [
    n,
    {
      store: { address },
      bus,
    },
  ] of nodes.entries()) {
    const from = (part: number): number => Math.round((part * slots) / nodes.length);
    await askOnce(address, `CLUSTER ADDSLOTSRANGE ${from(n)} ${from(n + 1) - 1}`);
    // Else two that begin with the same number have to settle who may keep it.
    await askOnce(address, `CLUSTER SET-CONFIG-EPOCH ${n + 1}`);
    if (n > 0 && nodes[0] !== undefined)
      await askOnce(nodes[0].store.address, `CLUSTER MEET ${host} ${address.port} ${bus}`);
  }
  await whole(nodes.map(({ store: { address } }) => address));
}
