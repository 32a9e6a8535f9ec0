/** Broken: a read that fails is the last one. The worker beats, sweeps and looks well, and never takes a new job again. */
import { stepsOn } from "../../engine/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that a worker whose blocking read was broken off never reads again. Its heartbeat goes on, so nobody misses it: the queue grows, and all lights are green.",
  (tools) => {
    const steps = stepsOn(tools);
    const stopped = Promise.withResolvers<void>();
    let gaveUp = false;
    return {
      ...steps,
      async read(consumer, count) {
        const read = gaveUp ? undefined : await steps.read(consumer, count);
        if (read !== undefined) return read;
        gaveUp = true;
        await stopped.promise;
        return [];
      },
      async unblock() {
        stopped.resolve();
        await steps.unblock();
      },
    };
  },
);

export default {
  ...system,
  killedBy: "progress",
  under: "outage",
  // What nobody reads is never worked off.
  related: ["drained"],
} satisfies Mutant<StreamConfig>;
