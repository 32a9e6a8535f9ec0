/** Every system keeps the contract, on a store of its kind. */
import { afterAll, beforeAll, test } from "vitest";
import { startCluster } from "../engine/testing/cluster.ts";
import { startRedis } from "../engine/testing/redis.ts";
import { clusterWay } from "./testing/connect.ts";
import { systemContract } from "./testing/contract.ts";
import type { System, Way } from "./contract.ts";
import { systems } from "./index.ts";

const scope = new AsyncDisposableStack();
let stores: Readonly<Record<System["store"], Way>>;
beforeAll(async () => {
  const { host, port } = scope.use(await startRedis());
  stores = { single: { host, port }, cluster: clusterWay(scope.use(await startCluster()).masters) };
});
afterAll(() => scope.disposeAsync());

for (const system of Object.keys(systems))
  for (const { name, run } of systemContract(new URL(`./${system}.ts`, import.meta.url), {
    store: (kind) => stores[kind],
  }))
    // oxlint-disable-next-line vitest/expect-expect -- what is wrong is thrown by the case itself
    test(`${system}: ${name}`, run);
