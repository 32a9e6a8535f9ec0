/** Nobody is left to work: the backlog grows, and then everybody starts at once, cold. */
import { z } from "zod";
import { slotOf } from "../../history/resource.ts";
import { isAlive } from "../../std/process-identity.ts";
import type { Fault, Planned } from "../contract.ts";
import { drawLasting, lasting } from "../lasting.ts";
import { bitMs, prove } from "../proof.ts";
import { allHeld, expectGone, signalHolder } from "../slots.ts";

const options = z.strictObject({ lastsMs: lasting(3000, 8000) });

export const fleetAway: Fault<z.infer<typeof options>, Planned, "process"> = {
  about:
    "Kills all worker processes at once with SIGKILL, and starts none for a while: a bad deploy, or a fleet that was scaled to nothing. The backlog grows; then all start together and find the jobs of the dead beside the new ones.",
  effect: "killed",
  needs: ["process"],
  options,
  plan: ({ lastsMs }, { workers }, random) => ({
    lastsMs: drawLasting(lastsMs, random),
    touches: Array.from({ length: workers }, (_, slot) => slotOf("worker", slot)),
    relies: [],
  }),
  async arm({ touches, lastsMs }, levers) {
    for (const slot of touches) levers.process.keepOut(slot);
    const killed = touches.map((slot) => [slot, signalHolder(slot, "SIGKILL", levers.process)] as const);
    return (stop) =>
      prove(
        async () => {
          for (const [slot, holder] of killed) {
            expectGone(slot, holder);
            const next = levers.process.holder(slot);
            if (next !== undefined && isAlive(next.identity))
              throw new Error(`process ${next.identity.pid} was started in ${slot}`);
          }
          return { killed: killed.map(([, { identity }]) => identity.pid) };
        },
        bitMs(lastsMs),
        stop,
      );
  },
  heal({ touches }, levers, stop) {
    for (const slot of touches) levers.process.admit(slot);
    return allHeld(touches, levers.process, stop);
  },
};
