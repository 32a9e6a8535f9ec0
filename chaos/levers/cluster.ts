/** The masters of a Redis Cluster that the run itself started, as one store: stopped together, and started together. */
import { eventually } from "../../std/deadline.ts";
import type { Address } from "../contract.ts";
import { together } from "../proof.ts";
import { askOnce } from "./probe.ts";
import type { ClusterHandles, OwnStore, StoreHandles } from "./store.ts";

/** Nodes that were started answer at once, and take two seconds and a few messages until they carry out commands. */
const wholeMs = 60_000;

export const clusterLever = ([first, ...others]: readonly [
  OwnStore<StoreHandles>,
  ...OwnStore<StoreHandles>[],
]): OwnStore<ClusterHandles> => {
  const all = [first, ...others];
  const nodes = all.map(({ address }) => address);
  return {
    address: first.address,
    nodes,
    servers: all.flatMap(({ servers }) => servers),
    handles: () => ({ nodes: all.map((one) => one.handles()) }),
    answers: async (deadlineMs) => (await together(all.map((one) => one.answers(deadlineMs)))).every(Boolean),
    async stop(how) {
      await together(all.map((one) => one.stop(how)));
    },
    async start() {
      await together(all.map((one) => one.start()));
      await whole(nodes);
    },
    async close() {
      await together(all.map((one) => one.close()));
    },
  };
};

/** Resolves when each node says that the cluster is well. */
export async function whole(nodes: readonly Address[]): Promise<void> {
  await together(
    nodes.map((node) =>
      eventually(async () => (await askOnce(node, "CLUSTER INFO").catch(() => "")).includes("cluster_state:ok"), {
        deadlineMs: wholeMs,
        awaited: `the cluster to be well in the eyes of its node on port ${node.port}`,
      }),
    ),
  );
}
