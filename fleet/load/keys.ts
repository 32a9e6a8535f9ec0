/**
 * Under whose key a producer enqueues: its script says which of its jobs are repetitions, and of which; but first it
 * repeats what it was not answered, as callers do.
 */
import type { Load } from "../../scenarios/contract.ts";
import { leftUnanswered, type Unanswered } from "./resume.ts";
import type { WorkScript } from "./work-script.ts";

export interface CallersKeys {
  /** To be asked once for each job: the one whose key it has, often itself; undefined where there are no keys. */
  next(job: number, nowNs: number): number | undefined;
  /** It has to be repeated soon. */
  unanswered(enqueue: Unanswered): void;
}

/** @param earlierFiles of the lives before in the same slot */
export function keysOf(
  { repeats }: Pick<Load, "repeats">,
  { keyOf }: Pick<WorkScript, "keyOf">,
  earlierFiles: readonly string[],
): CallersKeys {
  const open: Unanswered[] = repeats === undefined ? [] : [...leftUnanswered(earlierFiles)];
  return {
    next(job, nowNs) {
      const planned = keyOf(job);
      if (planned === undefined || planned === job || repeats === undefined) return planned;
      for (let one = open.shift(); one !== undefined; one = open.shift())
        if (nowNs - one.sentNs < repeats.withinMs * 1e6) return one.first;
      return planned;
    },
    unanswered: (enqueue) => void open.push(enqueue),
  };
}
