/** To which time of a run a job belongs, or a second: none where the run was ended before anybody could know. */
import { delayUnitMs, type Ledger } from "../history/ledger.ts";
import type { Window } from "./contract.ts";

interface Times {
  /** ns since origin. */
  readonly firstFault: number;
  readonly lastOver: number;
  /** All faults that were to come have come, and are over. */
  readonly isComplete: boolean;
}

function timesOf({ run, incidents, phases, stopped }: Ledger): Times {
  const due = Object.values(run.scheduled).reduce((sum, times) => sum + times, 0);
  const first = incidents[0]?.from ?? Number.POSITIVE_INFINITY;
  const last = incidents.reduce((soFar, { to }) => Math.max(soFar, to), Number.NEGATIVE_INFINITY);
  const isComplete =
    stopped === undefined || (incidents.length >= due && incidents.every(({ healed }) => healed?.proven === true));
  return {
    firstFault: !isComplete && incidents.length === 0 && due > 0 ? phases.drainTo : first,
    lastOver: last,
    isComplete,
  };
}

/**
 * Of a job: by its moment. It is of the quiet time only if all that it was allowed to take was over before the first
 * fault, or the fault would be in its figure.
 * @param allowedMs beside its delay
 */
export function jobIsIn(ledger: Ledger, phase: Window, allowedMs: number): (job: number, at: number) => boolean {
  if (phase === "whole") return () => true;
  const { firstFault, lastOver, isComplete } = timesOf(ledger);
  const { delay } = ledger.columns;
  const isQuiet = (job: number, at: number): boolean =>
    at + ((delay[job] ?? 0) * delayUnitMs + allowedMs) * 1e6 < firstFault;
  switch (phase) {
    case "quiet":
      return isQuiet;
    case "faults":
      return (job, at) => at <= lastOver && !isQuiet(job, at);
    case "after":
      return (_, at) => isComplete && lastOver !== Number.NEGATIVE_INFINITY && at > lastOver;
  }
}

/** Whole seconds of the load, as [from, to) in seconds since the origin. */
export function secondsOf(ledger: Ledger, phase: Window): readonly [from: number, to: number] {
  const load = Math.floor(ledger.phases.loadTo / 1e9);
  const { firstFault, lastOver, isComplete } = timesOf(ledger);
  const first = Math.min(load, Math.floor(firstFault / 1e9));
  const after = Math.min(load, Math.ceil(lastOver / 1e9));
  switch (phase) {
    case "whole":
      return [0, load];
    case "quiet":
      return [0, first];
    case "faults":
      return lastOver === Number.NEGATIVE_INFINITY ? [0, 0] : [first, after];
    case "after":
      return lastOver === Number.NEGATIVE_INFINITY || !isComplete ? [0, 0] : [after, load];
  }
}
