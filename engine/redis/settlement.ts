/**
 * A settlement: what is to become of a job after a run, and what the broker answers; as the script `settle` takes and
 * returns them.
 */
import type { PendingEntry } from "./entry.ts";
import { texts } from "./reply.ts";

/** `refused`: the fencing token is not the entry's any more, another consumer has it. `unknown`: no answer came. */
export type SettlementResult = "accepted" | "refused" | "unknown";

/** What is to become of a job after a run: it is acknowledged as done, tried again, or becomes a dead letter. */
export type SettlementRequest = { readonly held: PendingEntry } & (
  | { readonly as: "done" }
  | { readonly as: "retry"; readonly delayMs: number; readonly member: string }
  | { readonly as: "dead"; readonly letter: DeadLetter }
);

export interface DeadLetter {
  readonly job: string;
  readonly origin: string;
  readonly attempts: number;
  readonly firstError: string;
  readonly lastError: string;
  readonly enqueuedAt: number;
  /** Its caller's. */
  readonly key?: string;
  /** Lines of the last error's stack; "" where it has none. */
  readonly stack: string;
}

export type SettleAnswer =
  /** One mark per request. `pruned`: a refusal may be the echo of an earlier send. */
  | { readonly kind: "marks"; readonly marks: readonly boolean[]; readonly pruned: boolean }
  /** The broker has moved past this batch: it was executed, but what came of it is gone. */
  | { readonly kind: "stale" }
  /** Nothing was done: send it again. */
  | { readonly kind: "not-done"; readonly message: string }
  /** It may or may not have been done: send it again under the same number. */
  | { readonly kind: "unanswered"; readonly message: string };

/** @param priority of the part */
export function settleArguments(
  requests: readonly SettlementRequest[],
  priority: string,
): readonly (string | number)[] {
  const counts = { done: 0, retry: 0, dead: 0 };
  const args: (string | number)[] = [];
  for (const request of requests) {
    const { held } = request;
    counts[request.as]++;
    args.push(held.entry, held.deliveries);
    if (request.as === "retry") args.push(request.delayMs, request.member);
    else if (request.as === "dead") {
      const { job, origin, attempts, firstError, lastError, enqueuedAt, key = "", stack } = request.letter;
      args.push(job, held.payload, origin, attempts, firstError, lastError, enqueuedAt, priority, key, stack);
    }
  }
  return [counts.done, counts.retry, counts.dead, ...args];
}

export function settleAnswerOf(reply: unknown): SettleAnswer {
  const [state, marks] = texts(reply);
  if (state === "stale" || marks === undefined) return { kind: "stale" };
  return { kind: "marks", marks: Array.from(marks, (mark) => mark === "1"), pruned: state === "pruned" };
}
