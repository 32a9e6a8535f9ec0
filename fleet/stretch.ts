/**
 * How long a worker and the store have run for a stretch of jobs, and how long they were ready while others had the
 * processors: Linux tells both of a main thread, to the nanosecond. With them the time that a busy machine takes away
 * can be told from the time that a queue takes.
 */
import { readFileSync } from "node:fs";
import type { Done, MeasuredWork, ProcessorUse, Stretch } from "./messages.ts";

const untold: ProcessorUse = { ran: 0, waited: 0 };

/** Since the process began; all 0 where the platform does not tell. */
function timeOf(pid: number | "self"): ProcessorUse {
  try {
    const [ran, waited] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ").map(Number);
    return ran === undefined || waited === undefined || Number.isNaN(ran + waited) ? untold : { ran, waited };
  } catch {
    return untold;
  }
}

function now(brokers: readonly number[]): Stretch {
  process.cpuUsage(); // makes the kernel count what this process has run since it was last scheduled; without it, it counts in ticks
  return { worker: timeOf("self"), brokers: brokers.map(timeOf) };
}

const since = (from: Stretch, to: Stretch): Stretch => ({
  worker: between(from.worker, to.worker),
  brokers: to.brokers.map((time, index) => between(from.brokers[index] ?? time, time)),
});

const between = (from: ProcessorUse, to: ProcessorUse): ProcessorUse => ({
  ran: to.ran - from.ran,
  waited: to.waited - from.waited,
});

export interface Stretches {
  /** @param measured left out: nothing is */
  begin(measured: MeasuredWork | undefined): void;
  /** A handler starts. */
  starts(): void;
  /** A job may have come to its end. */
  moves(): void;
  /** Without a stretch where nothing was started, or not all of its jobs came to their end. */
  end(): Pick<Done, "stretch">;
}

/** @param finished how many jobs came to their end, ever */
export function stretches(finished: () => number): Stretches {
  let brokers: readonly number[] = [];
  let isMeasured = false;
  /** The count at which the stretch is over; undefined: with the next rest. */
  let lastAt: number | undefined;
  let first: Stretch | undefined;
  let last: Stretch | undefined;
  return {
    begin(measured) {
      isMeasured = measured !== undefined;
      brokers = measured?.brokers ?? [];
      lastAt = measured?.jobs === undefined ? undefined : finished() + measured.jobs;
      first = undefined;
      last = undefined;
    },
    starts() {
      if (isMeasured) first ??= now(brokers);
    },
    moves() {
      if (isMeasured && last === undefined && lastAt !== undefined && finished() >= lastAt) last = now(brokers);
    },
    end() {
      const end = lastAt === undefined ? now(brokers) : last;
      return first === undefined || end === undefined ? {} : { stretch: since(first, end) };
    },
  };
}
