/**
 * A configuration for the test of what befalls the run's own servers, and processes by themselves: scenarios in which
 * no fault does it.
 */
import { builtin } from "../index.ts";
import type { Connection, System } from "../systems/contract.ts";
import stream, { type StreamConfig } from "../systems/stream.ts";

const load = {
  curve: "steady",
  jobs: 800,
  seconds: 8,
  producers: 1,
  workers: 2,
  concurrency: 5,
  payloadBytes: 60,
  work: { durationMs: [0, 10], failing: 0, alwaysFailing: 0, killing: 0, delayed: { share: 0, upToMs: 0 } },
  retries: { attempts: 3, backoffMs: 100 },
} as const;

const exercises = ["no-acked-loss", "at-least-once", "drained"] as const;

/** How many runs a worker has in it. */
const runsMost = 150;

/** What a handler that leaks does in the end. */
function exhaust(): never {
  const kept: string[][] = [];
  for (;;) kept.push(Array.from({ length: 10_000 }, (_, n) => `${kept.length} ${n}`));
}

const leaking = (connection: Connection): Connection => ({
  ...connection,
  work(work, stop) {
    let runs = 0;
    const handle: typeof work.handle = async (delivery, signal) => {
      if (++runs > runsMost) exhaust();
      await work.handle(delivery, signal);
    };
    return connection.work({ ...work, handle }, stop);
  },
  [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
});

const leakingSystem: System<StreamConfig> = {
  ...stream,
  about: "The reference engine under a handler that leaks: its workers end for want of memory, again and again.",
  connect: async (context, config) => leaking(await stream.connect(context, config)),
};

export default builtin.extend({
  scenarios: {
    quiet: { about: "A few jobs, and no fault.", store: "memory", load, trouble: [], exercises },
    kept: {
      about: "A few jobs that fill ten megabytes of disk, and no fault.",
      store: "aof-everysec",
      load: { ...load, payloadBytes: 20_000 },
      trouble: [],
      exercises,
    },
    proxied: {
      about: "A few jobs, and a link is cut at the end.",
      store: "memory",
      load,
      trouble: [{ fault: "cut", options: { lastsMs: [500, 500], of: "worker" }, times: 1, between: [0.9, 0.9] }],
      exercises,
    },
  },
  systems: { leaking: async () => ({ default: leakingSystem }) },
});
