/** Broken: long after a job was settled, it comes again, as from a list of what is under way that nobody clears. */
import type { PendingEntry } from "../../engine/redis/entry.ts";
import { stepsOn } from "../../engine/redis/steps.ts";
import { monotonic, pause } from "../../std/clock.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

/** Whatever befell its worker before, or befalls it meanwhile, has nothing to do with it. */
const laterMs = 15_000;
const one = 100;

const system = streamSystem(
  "The reference engine, except that one job in a hundred is run again a quarter of a minute after it was settled. Somewhere a fault lies in between, and who counts faults takes it for the reason.",
  (tools) => {
    const steps = stepsOn(tools);
    let again: readonly PendingEntry[] = [];
    let settled = 0;
    return {
      ...steps,
      async read(...which) {
        const read = await steps.read(...which);
        if (read === undefined || again.length === 0) return read;
        const late = again;
        again = [];
        return [...late, ...read];
      },
      async settle(consumer, batch, verdicts) {
        const settling = await steps.settle(consumer, batch, verdicts);
        if (settling.kind !== "marks") return settling;
        for (const [index, { as, held }] of verdicts.entries()) {
          if (as !== "done" || settling.marks[index] !== true || ++settled % one !== 0) continue;
          void pause(monotonic, laterMs).then(() => (again = [...again, held]));
        }
        return settling;
      },
    };
  },
);

export default {
  ...system,
  killedBy: "duplicates-explained",
  under: "comeback",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
