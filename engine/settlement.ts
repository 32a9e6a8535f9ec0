/** What a worker says of jobs that were run, and what the broker makes of it: as the script `settle` takes and tells them. */
import type { Held } from "./entry.ts";
import { texts } from "./reply.ts";

/** What becomes of a job after a run. */
export type Verdict = { readonly held: Held } & (
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

export type Settling =
  /** One mark per verdict. `pruned`: a refusal may be the echo of an earlier send. */
  | { readonly kind: "marks"; readonly marks: readonly boolean[]; readonly pruned: boolean }
  /** The broker has moved past this batch: it was executed, but what came of it is gone. */
  | { readonly kind: "stale" }
  /** Nothing was done: send it again. */
  | { readonly kind: "not-done"; readonly message: string }
  /** It may or may not have been done: send it again under the same number. */
  | { readonly kind: "unanswered"; readonly message: string };

/** @param priority of the part */
export function settlementOf(verdicts: readonly Verdict[], priority: string): readonly (string | number)[] {
  const counts = { done: 0, retry: 0, dead: 0 };
  const args: (string | number)[] = [];
  for (const verdict of verdicts) {
    const { held } = verdict;
    counts[verdict.as]++;
    args.push(held.entry, held.deliveries);
    if (verdict.as === "retry") args.push(verdict.delayMs, verdict.member);
    else if (verdict.as === "dead") {
      const { job, origin, attempts, firstError, lastError, enqueuedAt, key = "", stack } = verdict.letter;
      args.push(job, held.payload, origin, attempts, firstError, lastError, enqueuedAt, priority, key, stack);
    }
  }
  return [counts.done, counts.retry, counts.dead, ...args];
}

export function settlingOf(reply: unknown): Settling {
  const [state, marks] = texts(reply);
  if (state === "stale" || marks === undefined) return { kind: "stale" };
  return { kind: "marks", marks: Array.from(marks, (mark) => mark === "1"), pruned: state === "pruned" };
}
