/** The deploy of every day: a worker is asked to finish and go, and another one takes its place. */
import { z } from "zod";
import { linkOf } from "../../history/resource.ts";
import type { Fault } from "../contract.ts";
import { allHeld, drawSlot, endHolder, type SlotPlan } from "../slots.ts";

const options = z.strictObject({
  graceMs: z
    .int()
    .min(1000)
    .default(20_000)
    .describe("how long it may take to finish what it has in hand; as long its slot is set aside, ms"),
});

export const workerRestart: Fault<z.infer<typeof options>, SlotPlan, "process"> = {
  about:
    "Asks one worker process to stop, with SIGTERM as every deploy does; it may finish what it has in hand, and another is started in its place. Whoever drops jobs here drops them several times a day.",
  effect: "asked-to-stop",
  needs: ["process"],
  options,
  plan({ graceMs }, target, random) {
    const slot = drawSlot("worker", target, random);
    // Whoever cannot reach the store does not go in time, for another reason.
    return { lastsMs: graceMs, touches: [slot], relies: [linkOf(slot)] };
  },
  arm: async ({ touches: [slot], lastsMs }, levers) => endHolder(slot, "SIGTERM", levers.process, lastsMs),
  heal: ({ touches }, levers, stop) => allHeld(touches, levers.process, stop),
};
