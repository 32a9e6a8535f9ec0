/** The reference engine on a Redis Cluster, as those have it for whom one server is too little. */
import { stepsOn } from "../engine/redis/steps.ts";
import type { System } from "./contract.ts";
import { streamSystem, type StreamConfig } from "./stream.ts";

export default {
  ...streamSystem(
    "The reference engine on a Redis Cluster of three masters: its jobs are spread over three shards, one on each. It promises the same as on a single store.",
    stepsOn,
    // By this name each master has one: where a key is follows from what it is called.
    { name: "jobs", shards: 3 },
  ),
  store: "cluster",
} satisfies System<StreamConfig>;
