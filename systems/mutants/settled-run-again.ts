/** Broken: a worker whose link was gone runs what it had last once more, whatever had become of it. */
import type { PendingEntry } from "../../engine/redis/entry.ts";
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";

/** Of so many a worker remembers that it had them. */
const remembered = 10;

const system = streamSystem(
  "The reference engine, except that a worker which comes back after a broken connection begins anew with the jobs that it had last, though they were settled before. Each short cut sends some letters twice.",
  (tools) => {
    const steps = stepsOn(tools);
    let last: readonly PendingEntry[] = [];
    let isBack = false;
    tools.reader.onReady(() => (isBack = true));
    return {
      ...steps,
      async read(...which) {
        const again = isBack ? last : [];
        isBack = false;
        const read = await steps.read(...which);
        return again.length === 0 ? read : [...again, ...(read ?? [])];
      },
      async settle(consumer, batch, verdicts) {
        const settling = await steps.settle(consumer, batch, verdicts);
        if (settling.kind === "marks") {
          const done = verdicts.filter(({ as }, index) => as === "done" && settling.marks[index] === true);
          last = [...last, ...done.map(({ held }) => held)].slice(-remembered);
        }
        return settling;
      },
    };
  },
);

export default {
  ...system,
  killedBy: "duplicates-explained",
  under: "smoke",
  alsoUnder: ["day"],
  related: [],
} satisfies Mutant<StreamConfig>;
