/** A configuration for tests: the built-in catalogues, and a scenario that is the day in small. */
import { builtin } from "../../index.ts";

export default builtin.extend({
  scenarios: {
    trial: {
      about: "Twenty seconds with each kind of trouble, for tests of the whole path.",
      store: "aof-everysec",
      load: {
        curve: "steady",
        jobs: 6000,
        seconds: 20,
        producers: 2,
        workers: 3,
        concurrency: 50,
        payloadBytes: 120,
        work: { durationMs: [0, 60], failing: 0.05, alwaysFailing: 0.01, killing: 0, delayed: { share: 0, upToMs: 0 } },
        retries: { attempts: 3, backoffMs: 300 },
      },
      trouble: [
        { fault: "broker-stop", options: { lastsMs: [800, 1200], how: "either" }, times: 1, between: [0.1, 0.9] },
        { fault: "black-hole", options: { lastsMs: [6000, 7000], of: "worker" }, times: 1, between: [0.1, 0.6] },
        { fault: "cut", options: { lastsMs: [1500, 2500], of: "worker" }, times: 1, between: [0.1, 0.8] },
        { fault: "worker-kill", options: {}, times: 3, between: [0.1, 0.9] },
      ],
      exercises: ["no-acked-loss", "no-phantom", "at-least-once", "duplicates-explained", "recovery-bound", "drained"],
    },
  },
});
