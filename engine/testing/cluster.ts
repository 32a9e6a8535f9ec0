/** A Redis Cluster of a test's own: masters that share the slots, and a replica of the first where one is asked for. */
import { Redis } from "ioredis";
import { deadlineMs, eventually } from "./deadline.ts";
import { startRedis, type TestRedis } from "./redis.ts";

export interface TestCluster extends AsyncDisposable {
  readonly masters: readonly TestRedis[];
  readonly replica: TestRedis | undefined;
  /** Asks one node. */
  ask(node: TestRedis, command: string, ...words: readonly (string | number)[]): Promise<unknown>;
  /** Which of the masters serves that key, as the first one that answers sees it. */
  masterOf(key: string): Promise<TestRedis>;
}

const slots = 16_384;
const nodes = 3;
/**
 * A node that is silent for so long is taken for gone: soon where another is to take over, and else never, however busy
 * the machine.
 */
const nodeTimeoutMs = { soon: 5000, never: 120_000 };

const startNode = (timeoutMs: number): Promise<TestRedis> =>
  startRedis(`--cluster-enabled yes --cluster-node-timeout ${timeoutMs} --cluster-require-full-coverage no`.split(" "));

export async function startCluster(withReplica = false): Promise<TestCluster> {
  await using scope = new AsyncDisposableStack();
  const all: TestRedis[] = [];
  const timeoutMs = withReplica ? nodeTimeoutMs.soon : nodeTimeoutMs.never;
  for (let n = 0; n < nodes + (withReplica ? 1 : 0); n++) all.push(scope.use(await startNode(timeoutMs)));
  const masters = all.slice(0, nodes);
  const replica = all[nodes];

  const ask: TestCluster["ask"] = async ({ host, port }, command, ...words) => {
    const redis = new Redis({ host, port, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    redis.on("error", () => {}); // the question fails
    try {
      return await redis.call(command, ...words);
    } finally {
      redis.disconnect();
    }
  };
  const says = (node: TestRedis, command: string, part: string): Promise<unknown> =>
    eventually(async () => String(await ask(node, "CLUSTER", command).catch(() => "")).includes(part), {
      deadlineMs,
      awaited: `CLUSTER ${command} to say ${part} on port ${node.port}`,
    });

  const [first] = masters;
  for (const [n, node] of all.entries()) {
    await ask(node, "CLUSTER", "SET-CONFIG-EPOCH", n + 1);
    if (node === replica) continue;
    const from = (part: number): number => Math.round((part * slots) / nodes);
    await ask(node, "CLUSTER", "ADDSLOTSRANGE", from(n), from(n + 1) - 1);
  }
  if (first === undefined) throw new Error("a cluster has nodes");
  for (const node of all.slice(1)) await ask(first, "CLUSTER", "MEET", node.host, node.port);
  for (const node of all) {
    await says(node, "INFO", "cluster_state:ok");
    await says(node, "INFO", `cluster_known_nodes:${all.length}`);
  }
  if (replica !== undefined) {
    await ask(replica, "CLUSTER", "REPLICATE", String(await ask(first, "CLUSTER", "MYID")));
    await eventually(async () => String(await ask(replica, "INFO", "replication")).includes("master_link_status:up"), {
      deadlineMs,
      awaited: "the replica to follow",
    });
    for (const node of all) await says(node, "NODES", "slave ");
  }
  const owned = scope.move();
  return {
    masters,
    replica,
    ask,
    async masterOf(key) {
      const slot = Number(await ask(first, "CLUSTER", "KEYSLOT", key));
      const master = masters[Math.floor((slot * nodes) / slots)];
      if (master === undefined) throw new Error(`no master serves slot ${slot}`);
      return master;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
