/**
 * An idempotent producer writes batches one after the other, each exactly once: a batch keeps its producer id, sequence
 * number and content until it is answered; the broker writes only the number that follows the last of that id, and
 * keeps beside it what it did not write. An id whose last number is not known is given up.
 */
import type { Answer, Broker } from "../redis/broker.ts";
import type { Keys } from "../redis/keys.ts";
import { argumentsOf, type NewJob } from "./new-job.ts";
import { uniqueName } from "../std/random.ts";
import { refusalOf, type Reason, type Refusal } from "./refusals.ts";
import { textOf } from "../redis/reply.ts";
import { script } from "../redis/script.ts";

/** The broker's record of a producer id is dropped when it has not moved for longer than this: see worker/upkeep.ts. */
export const deadlineMsMax = 300_000;

export type Written =
  | ({ readonly outcome: "ok"; readonly idPrefix: string } & Unwritten)
  /** Proven: no send of it was, or ever will be, executed. */
  | { readonly outcome: "refused"; readonly why: string; readonly reason: Reason }
  | { readonly outcome: "unknown"; readonly why: string };

/** The jobs of a batch that the broker did not write, and never will. */
export interface Unwritten {
  /** The first for which there was no room, nor was there for those after it. */
  readonly full: number;
  /** Job whose key is known to the id under which it was written before. */
  readonly known: ReadonlyMap<number, string>;
}

export interface IdempotentProducer {
  /**
   * Sends until it is answered or `isOver`. Never rejects.
   * @param patience resolves when it is worth sending again
   */
  write(jobs: readonly NewJob<string>[], isOver: () => boolean, patience: () => Promise<void>): Promise<Written>;
  /** Removes the broker's record of its id. */
  close(): Promise<void>;
}

const enqueue = script("enqueue");

/** @param depthMax at which the broker refuses, if at all */
export function idempotentProducer(broker: Broker, keys: Keys, depthMax: number | undefined): IdempotentProducer {
  const written = [keys.jobs, keys.sequences, keys.delayed, keys.clock, keys.known, keys.knownBefore];
  const limit = depthMax ?? "";
  /** The number is that of the next batch. */
  let sequence: { readonly producerId: string; number: number } | undefined;

  /** Under an id that was never used: a late copy of an earlier opening must not bring one back to its start. */
  async function open(): Promise<Answer> {
    const producerId = uniqueName();
    const answer = await broker.command("HSETNX", keys.sequences, producerId, 0);
    if (answer.kind === "answer") sequence = { producerId, number: 1 };
    return answer;
  }

  return {
    async write(jobs, isOver, patience) {
      const args = jobs.flatMap(argumentsOf);
      /** Why it is not known that nothing was written; undefined while it is. */
      let doubt: string | undefined;
      /** What the broker itself said last. */
      let refusal: Refused | undefined;
      /** What is in doubt keeps its number for ever: its producer id is never used again. */
      const end = (refused: Refused): Written => {
        if (doubt === undefined) return refused;
        sequence = undefined;
        return { outcome: "unknown", why: doubt };
      };
      for (;;) {
        const sent = sequence;
        const answer =
          sent === undefined
            ? await open()
            : await broker.run(enqueue, written, [sent.producerId, sent.number, limit, ...args]);
        if (answer.kind === "answer") {
          if (sent === undefined) continue;
          const [state = "", ...unwritten] = textOf(answer.value).split(" ");
          if (state === "ok" || state === "duplicate")
            return { outcome: "ok", idPrefix: `${sent.producerId}-${sent.number++}-`, ...unwrittenOf(unwritten) };
          sequence = undefined;
          // A gap says that the broker went back in time and that this batch is not there. The other two say nothing.
          if (state === "gap") doubt = undefined;
          else if (doubt !== undefined) return { outcome: "unknown", why: doubt };
          continue;
        }
        const known = answer.kind === "error" ? refusalOf(answer.code) : undefined;
        if (known !== undefined) refusal = refusedWith(answer.message, known);
        else if (sent !== undefined && answer.kind !== "not-sent") doubt ??= answer.message;
        const passes = known?.passes ?? answer.kind !== "error";
        if (isOver() || !passes) return end(refusal ?? notWritten(answer));
        await patience();
      }
    },
    async close() {
      if (sequence !== undefined) await broker.command("HDEL", keys.sequences, sequence.producerId);
    },
  };
}

type Refused = Extract<Written, { readonly outcome: "refused" }>;

const refusedWith = (message: string, { reason, advice }: Refusal): Refused => ({
  outcome: "refused",
  reason,
  why: `${message} (${advice})`,
});

const notWritten = ({ kind, message }: Exclude<Answer, { readonly kind: "answer" }>): Refused => ({
  outcome: "refused",
  reason: kind === "error" ? "other" : "away",
  why: message,
});

function unwrittenOf([full, ...known]: readonly string[]): Unwritten {
  return {
    full: full === undefined || full === "-" ? Infinity : Number(full),
    known: new Map(known.map((one) => one.split("=", 2)).map(([index, id = ""]) => [Number(index), id])),
  };
}
