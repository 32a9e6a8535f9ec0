/** What only a cluster shows: that the work is spread over all of its masters. */
import { expect, test } from "vitest";
import { startCluster } from "../engine/testing/cluster.ts";
import { clusterWay, connectTest, jobs } from "./testing/connect.ts";
import streamCluster from "./stream-cluster.ts";

test("each master has a part of the jobs", async () => {
  await using cluster = await startCluster();
  await using connection = await connectTest(streamCluster, clusterWay(cluster.masters), { name: "producer" });
  await connection.enqueue(jobs(300));
  for (const master of cluster.masters) expect(await cluster.ask(master, "DBSIZE")).toBeGreaterThan(0);
});
