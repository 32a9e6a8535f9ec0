/**
 * A lane writes batches one after the other, each exactly once: a batch keeps its number and content until it is answered,
 * and the broker writes only the number that follows the last. A lane that knows not where it stands is given up.
 */
import type { Answer, Broker } from "./broker.ts";
import type { Keys } from "./keys.ts";
import { uniqueName } from "./random.ts";
import { script } from "./script.ts";

export type Written =
  | { readonly outcome: "ok"; readonly idPrefix: string }
  /** Proven: no send of it was, or ever will be, executed. */
  | { readonly outcome: "refused"; readonly why: string }
  | { readonly outcome: "unknown"; readonly why: string };

/** One job as it is sent. */
export interface Sent {
  readonly text: string;
  readonly delayMs: number;
}

export interface Lane {
  /**
   * Sends until it is answered or `isOver`. Never rejects.
   * @param patience resolves when it is worth sending again
   */
  write(jobs: readonly Sent[], isOver: () => boolean, patience: () => Promise<void>): Promise<Written>;
  /** Removes the lane's record. */
  close(): Promise<void>;
}

const enqueue = script("enqueue");

/** Refusals that pass by themselves: the broker loads, fails over, waits for its disk. All others go to the caller. */
const passing = new Set([
  "LOADING",
  "READONLY",
  "MASTERDOWN",
  "CLUSTERDOWN",
  "TRYAGAIN",
  "NOREPLICAS",
  "BUSY",
  "MISCONF",
]);
/** Refusals before anything was written. An error that is not known to be one may have come in the middle of the script. */
const refusals = new Set([...passing, "OOM", "NOPERM", "NOAUTH", "WRONGPASS", "MOVED", "ASK", "DENIED"]);

export function openLane(broker: Broker, keys: Keys): Lane {
  const written = [keys.jobs, keys.lanes, keys.delayed, keys.clock];
  let lane: { readonly name: string; number: number } | undefined;

  /** Under a name that was never used: a late copy of an earlier opening must not bring a lane back to its start. */
  async function open(): Promise<Answer> {
    const name = uniqueName();
    const answer = await broker.command("HSETNX", keys.lanes, name, 0);
    if (answer.kind === "answer") lane = { name, number: 1 };
    return answer;
  }

  return {
    async write(jobs, isOver, patience) {
      const args = jobs.flatMap(({ text, delayMs }) => [text, delayMs]);
      /** Why it is not known that nothing was written; undefined while it is. */
      let doubt: string | undefined;
      /** What is in doubt keeps its number for ever: its lane is never used again. */
      const end = (why: string): Written => {
        if (doubt === undefined) return { outcome: "refused", why };
        lane = undefined;
        return { outcome: "unknown", why: doubt };
      };
      for (;;) {
        const sent = lane;
        const answer =
          sent === undefined ? await open() : await broker.run(enqueue, written, [sent.name, sent.number, ...args]);
        if (answer.kind === "answer") {
          if (sent === undefined) continue;
          if (answer.value === "ok" || answer.value === "duplicate") {
            return { outcome: "ok", idPrefix: `${sent.name}-${sent.number++}-` };
          }
          lane = undefined;
          // A gap says that the broker went back in time and that this batch is not there. The other two say nothing.
          if (answer.value === "gap") doubt = undefined;
          else if (doubt !== undefined) return end(doubt);
          continue;
        }
        if (sent !== undefined && mayHaveWritten(answer)) doubt ??= answer.message;
        if (isOver() || (answer.kind === "error" && !passing.has(answer.code))) return end(answer.message);
        await patience();
      }
    },
    async close() {
      if (lane !== undefined) await broker.command("HDEL", keys.lanes, lane.name);
    },
  };
}

const mayHaveWritten = (answer: Exclude<Answer, { readonly kind: "answer" }>): boolean =>
  answer.kind === "unanswered" || (answer.kind === "error" && !refusals.has(answer.code));
