/** Everybody goes in good order, and nobody comes for a while: what follows finds a queue that nobody works at. */
import { z } from "zod";
import { linkOf, slotOf } from "../../history/resource.ts";
import { isAlive } from "../../std/process-identity.ts";
import type { Fault, Planned } from "../contract.ts";
import { drawLasting, lasting } from "../lasting.ts";
import { bitMs, prove, together } from "../proof.ts";
import { allHeld, endHolder } from "../slots.ts";

const options = z.strictObject({ lastsMs: lasting(6000, 9000) });

export const fleetLeaves: Fault<z.infer<typeof options>, Planned, "process"> = {
  about:
    "Asks all worker processes at once to stop, with SIGTERM, and starts none for a while: closing time, or an autoscaler that goes down to nothing. Each may finish what it has in hand. The store may go away meanwhile, and those who come later find whatever is left of the queue.",
  effect: "asked-to-stop",
  needs: ["process"],
  options,
  plan: ({ lastsMs }, { workers }, random) => ({
    lastsMs: drawLasting(lastsMs, random),
    touches: Array.from({ length: workers }, (_, slot) => slotOf("worker", slot)),
    // Whoever cannot reach the store does not go in time, for another reason.
    relies: Array.from({ length: workers }, (_, slot) => linkOf(slotOf("worker", slot))),
    unattended: true,
  }),
  async arm({ touches, lastsMs }, levers) {
    for (const slot of touches) levers.process.keepOut(slot);
    const asked = touches.map((slot) => endHolder(slot, "SIGTERM", levers.process, lastsMs));
    return async (stop) => {
      const gone = await together(asked.map((bite) => bite(stop)));
      const stays = gone.find(({ proven }) => !proven);
      if (stays !== undefined) return stays;
      return await prove(
        async () => {
          for (const slot of touches) {
            const next = levers.process.holder(slot);
            if (next !== undefined && isAlive(next.identity))
              throw new Error(`process ${next.identity.pid} was started in ${slot}`);
          }
          return { SIGTERM: gone.flatMap((one) => (one.proven ? (one.facts["SIGTERM"] ?? []) : [])) };
        },
        bitMs(lastsMs),
        stop,
      );
    };
  },
  heal({ touches }, levers, stop) {
    for (const slot of touches) levers.process.admit(slot);
    return allHeld(touches, levers.process, stop);
  },
};
