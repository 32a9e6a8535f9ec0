/** What the benchmark's service serves and its worker works on: a hundred handlers that wait for something else. */
import { jobType } from "../../engine/index.ts";
import { declare, queue } from "../../engine/service/index.ts";
import { monotonic } from "../../std/clock.ts";

export const namespace = "bench";
export const handlerMs = 40;
export const note = jobType({ name: "note" });

export default declare({
  redis: { host: "127.0.0.1", port: Number(process.env["BROKER_PORT"]) },
  namespace,
  queues: [queue(note, () => monotonic.until(monotonic.nowNs() + handlerMs * 1e6), { concurrency: 100 })],
});
