/** What the crowded service serves: large texts, which die when somebody works on them, and small ones. */
import { jobType } from "../../engine/index.ts";
import { declare, queue } from "../../engine/service/index.ts";

export const namespace = "crowd";
export const large = jobType({ name: "large", attempts: 1, payloadBytesMax: 2 ** 20 });
export const small = jobType({ name: "small" });

export default declare({
  redis: { host: "127.0.0.1", port: Number(process.env["BROKER_PORT"]) },
  namespace,
  queues: [queue(large), queue(small)],
});
