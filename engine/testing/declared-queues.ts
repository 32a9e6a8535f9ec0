/**
 * The module of a user of the service, for its tests: the port of the broker and the namespace come by the environment.
 */
import { appendFileSync } from "node:fs";
import { z } from "zod";
import { jobType, json } from "../index.ts";
import { declare, queue } from "../service/index.ts";

const { BROKER_PORT = "0", NAMESPACE = "test", WORKED = "/dev/null" } = process.env;

const email = jobType({
  name: "email",
  attempts: 1,
  maxDepth: 5,
  payload: json(z.object({ to: z.string() })),
});
const note = jobType({ name: "note" });

export default declare({
  redis: { host: "127.0.0.1", port: Number(BROKER_PORT) },
  namespace: NAMESPACE,
  queues: [
    queue(email, async ({ payload: { to } }) => {
      if (to === "nobody") throw new Error("there is no such address");
      appendFileSync(WORKED, `${to}\n`);
    }),
    queue(note),
  ],
});
