/** A worker stands still for longer than anyone holds its jobs for it, and goes on as if nothing had been: a zombie. */
import { z } from "zod";
import { isAlive, isStopped } from "../../std/process-identity.ts";
import type { Fault } from "../contract.ts";
import { drawLasting, lasting } from "../lasting.ts";
import { bitMs, healedMs, prove } from "../proof.ts";
import { drawSlot, holderOf, signalHolder, type SlotPlan } from "../slots.ts";

/** Longer than the lease of a job mostly is. */
const options = z.strictObject({ lastsMs: lasting(6000, 9000) });

export const workerPause: Fault<z.infer<typeof options>, SlotPlan, "process"> = {
  about:
    "Stops one worker process with SIGSTOP and lets it go on later, as a long collection of garbage does, or a machine that was moved. Meanwhile the queue may give its jobs to others; then it comes back and settles them, too.",
  effect: "paused",
  needs: ["process"],
  options,
  plan: ({ lastsMs }, target, random) => ({
    lastsMs: drawLasting(lastsMs, random),
    touches: [drawSlot("worker", target, random)],
    relies: [],
  }),
  async arm({ touches: [slot], lastsMs }, levers) {
    const { identity, incarnation } = signalHolder(slot, "SIGSTOP", levers.process);
    return (stop) =>
      prove(
        async () => {
          if (!isStopped(identity)) throw new Error(`process ${identity.pid} in ${slot} does not stand still`);
          return { stopped: identity.pid, incarnation };
        },
        bitMs(lastsMs),
        stop,
      );
  },
  heal: ({ touches: [slot] }, levers, stop) =>
    prove(
      async () => {
        const { identity, incarnation } = holderOf(slot, levers.process);
        levers.process.signal(identity, "SIGCONT");
        if (!isAlive(identity)) throw new Error(`process ${identity.pid} in ${slot} is dead`);
        if (isStopped(identity)) throw new Error(`process ${identity.pid} in ${slot} stands still`);
        return { running: identity.pid, incarnation };
      },
      healedMs,
      stop,
    ),
};
