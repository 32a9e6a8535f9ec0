/** What the service that is tried serves: text, any JSON, a schema, priorities with shards. Nothing works here. */
import { z } from "zod";
import { jobType, json } from "../../../engine/index.ts";
import { declare, queue } from "../../../engine/service/index.ts";

export const namespace = "fuzz";

export const queues = [
  queue(jobType({ name: "note", payloadBytesMax: 4096 })),
  queue(jobType({ name: "any", payload: json(z.unknown()) })),
  queue(jobType({ name: "email", payload: json(z.object({ to: z.string() })) })),
  queue(jobType({ name: "task", priorities: { high: 3, low: 1 }, shards: 2 })),
];

export default declare({
  redis: { host: "127.0.0.1", port: Number(process.env["BROKER_PORT"] ?? "0") },
  namespace,
  queues,
});
