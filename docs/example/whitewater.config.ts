/** What we test: our queue beside the built-in ones, under a load and trouble of our own. */
import { builtin } from "whitewater";
import { prompt } from "./prompt.ts";
import { writePause } from "./write-pause.ts";

export default builtin.extend({
  systems: { orders: () => import("./orders.ts") },
  checks: { prompt },
  faults: { "write-pause": writePause },
  scenarios: {
    friday: {
      about:
        "A Friday evening in small: orders keep coming while workers die and the store stops taking writes.",
      store: "aof-everysec",
      load: {
        curve: "steady",
        jobs: 400,
        seconds: 8,
        producers: 1,
        workers: 2,
        concurrency: 10,
        payloadBytes: 200,
        work: { durationMs: [50, 400], failing: 0.05, alwaysFailing: 0.02, killing: 0, delayed: { share: 0, upToMs: 0 } },
        retries: { attempts: 3, backoffMs: 200 },
      },
      trouble: [
        { fault: "worker-kill", options: {}, times: 2, between: [0.2, 0.9] },
        { fault: "write-pause", options: { lastsMs: [500, 1_000] }, times: 1, between: [0.2, 0.7] },
      ],
      exercises: ["no-acked-loss", "at-least-once", "recovery-bound", "drained", "prompt"],
    },
  },
});
