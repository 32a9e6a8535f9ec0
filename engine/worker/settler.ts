/**
 * Settles what was run, in batches: one batch is under way, the next one gathers. A batch is sent again under its
 * number until it is answered, so its result is known even when answers are lost.
 */
import { batchBytesMax } from "../redis/bounds.ts";
import type { SettlementRequest, SettlementResult } from "../redis/settlement.ts";
import type { Steps } from "../redis/steps.ts";
import { atEndOfTurn } from "../std/clock.ts";
import type { InFlight } from "./in-flight.ts";
import type { Patient } from "./membership.ts";

export interface Settler {
  add(request: SettlementRequest): void;
  /** Resolves when nothing is left to settle. */
  idle(): Promise<void>;
  /** Ends the resending: what is not answered by now is unknown. */
  giveUp(): void;
}

const batchMax = 250;
const kinds = ["done", "retry", "dead"] as const;

/** As many as one step may have, at least one. What is done is settled without its payload. */
function firstOf(requests: readonly SettlementRequest[]): readonly SettlementRequest[] {
  let bytes = 0;
  for (let count = 0; count < requests.length; count++) {
    const request = requests[count];
    if (request !== undefined && request.as !== "done") bytes += Buffer.byteLength(request.held.payload);
    if (count === batchMax || (count > 0 && bytes > batchBytesMax)) return requests.slice(0, count);
  }
  return requests;
}

/** @param onSettled is called once for each, after it has left what is in flight */
export function settlerOf(
  consumer: Patient & { readonly steps: Pick<Steps, "settle"> },
  inFlight: Pick<InFlight, "drop">,
  onSettled: (request: SettlementRequest, result: SettlementResult) => void,
): Settler {
  let gathered: SettlementRequest[] = [];
  let batchNumber = 0;
  let underWay = false;
  let scheduled = false;
  let givenUp = false;
  let waiters: (() => void)[] = [];

  /** Results of a batch, in its order. */
  async function settle(batch: readonly SettlementRequest[]): Promise<readonly SettlementResult[]> {
    const number = ++batchNumber;
    let wasUnanswered = false;
    for (;;) {
      const answer = await consumer.steps.settle(consumer.name, number, batch);
      if (answer.kind === "marks") {
        const refused = answer.pruned && wasUnanswered ? "unknown" : "refused";
        return answer.marks.map((accepted) => (accepted ? "accepted" : refused));
      }
      if (answer.kind === "unanswered") wasUnanswered = true;
      if (answer.kind === "stale" || givenUp) return batch.map(() => "unknown");
      await consumer.patience();
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
      const results = await settle(batch);
      for (const [index, request] of batch.entries()) {
        inFlight.drop(request.held.entry);
        onSettled(request, results[index] ?? "unknown");
      }
    }
    underWay = false;
    for (const resolve of waiters) resolve();
    waiters = [];
  }

  return {
    add(request) {
      gathered.push(request);
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
