/**
 * Settles what was run, in batches: one batch is under way, the next one gathers. A batch is sent again under its number
 * until it is answered, so its fate is known even when answers are lost.
 */
import { batchBytesMax } from "./bounds.ts";
import { atEndOfTurn } from "./clock.ts";
import type { Verdict } from "./settlement.ts";
import type { Steps } from "./steps.ts";

export type Fate = "accepted" | "refused" | "unknown";

export interface Settler {
  add(verdict: Verdict): void;
  /** Resolves when nothing is left to settle. */
  idle(): Promise<void>;
  /** Ends the resending: what is not answered by now is unknown. */
  giveUp(): void;
}

const batchMax = 250;
const kinds = ["done", "retry", "dead"] as const;

/** As many as one step may have, at least one. What is done is settled without its payload. */
function firstOf(verdicts: readonly Verdict[]): readonly Verdict[] {
  let bytes = 0;
  for (let count = 0; count < verdicts.length; count++) {
    const verdict = verdicts[count];
    if (verdict !== undefined && verdict.as !== "done") bytes += Buffer.byteLength(verdict.held.payload);
    if (count === batchMax || (count > 0 && bytes > batchBytesMax)) return verdicts.slice(0, count);
  }
  return verdicts;
}

/**
 * @param told is called once per verdict
 * @param patience resolves when it is worth trying again
 */
export function settlerOf(
  consumer: string,
  steps: Pick<Steps, "settle">,
  { told, patience }: { readonly told: (verdict: Verdict, fate: Fate) => void; readonly patience: () => Promise<void> },
): Settler {
  let gathered: Verdict[] = [];
  let batchNumber = 0;
  let underWay = false;
  let scheduled = false;
  let givenUp = false;
  let waiters: (() => void)[] = [];

  /** Fates of a batch, in its order. */
  async function settle(batch: readonly Verdict[]): Promise<readonly Fate[]> {
    const number = ++batchNumber;
    let wasUnanswered = false;
    for (;;) {
      const settling = await steps.settle(consumer, number, batch);
      if (settling.kind === "marks") {
        const refused = settling.pruned && wasUnanswered ? "unknown" : "refused";
        return settling.marks.map((accepted) => (accepted ? "accepted" : refused));
      }
      if (settling.kind === "unanswered") wasUnanswered = true;
      if (settling.kind === "stale" || givenUp) return batch.map(() => "unknown");
      await patience();
    }
  }

  async function work(): Promise<void> {
    scheduled = false;
    if (underWay) return;
    underWay = true;
    while (gathered.length > 0) {
      const taken = firstOf(gathered);
      gathered = gathered.slice(taken.length);
      const batch = kinds.flatMap((kind) => taken.filter(({ as }) => as === kind));
      const fates = await settle(batch);
      for (const [index, verdict] of batch.entries()) told(verdict, fates[index] ?? "unknown");
    }
    underWay = false;
    for (const resolve of waiters) resolve();
    waiters = [];
  }

  return {
    add(verdict) {
      gathered.push(verdict);
      if (underWay || scheduled) return;
      scheduled = true;
      atEndOfTurn(() => void work());
    },
    idle: () => (underWay || gathered.length > 0 ? new Promise((resolve) => waiters.push(resolve)) : Promise.resolve()),
    giveUp() {
      givenUp = true;
    },
  };
}
