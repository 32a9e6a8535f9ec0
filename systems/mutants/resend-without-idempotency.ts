/** Broken: an enqueue that got no answer is sent again as a new one, though the first may have been written. */
import { stepsOn } from "../../engine/redis/steps.ts";
import { monotonic, pause } from "../../std/clock.ts";
import type { Connection, Mutant, Receipt } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

const system = streamSystem(
  "The reference engine, except that a job whose enqueue was not answered is enqueued once more under another number. Where only the answer was lost there are two jobs, and both are worked.",
  stepsOn,
);

/** Over at once: each try sends once, and awaits its answer as long as the connection does. */
const tryMs = 1;

const insistent = (connection: Connection, deadlineMs: number): Connection => ({
  ...connection,
  async enqueue(jobs) {
    const until = monotonic.nowNs() + deadlineMs * 1e6;
    const receipts: Receipt[] = [...(await connection.enqueue(jobs))];
    for (;;) {
      const open = receipts.flatMap(({ outcome }, index) => (outcome === "ok" ? [] : [index]));
      if (open.length === 0 || monotonic.nowNs() > until) return receipts;
      await pause(monotonic, 50);
      const again = await connection.enqueue(open.flatMap((index) => jobs[index] ?? []));
      for (const [at, index] of open.entries())
        receipts[index] = again[at] ?? { outcome: "unknown", why: "no receipt" };
    }
  },
});

export default {
  ...system,
  connect: async (context, config) =>
    insistent(await system.connect(context, { ...config, deadlineMs: tryMs }), config.deadlineMs),
  killedBy: "one-verdict",
  under: "reply-loss",
  alsoUnder: ["day"],
  // A job that is there twice may die twice, and its second letter is of its second enqueue.
  related: ["dead-letter-complete"],
} satisfies Mutant<StreamConfig>;
