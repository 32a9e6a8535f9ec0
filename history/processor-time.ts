/**
 * How much of a processor each process used, as its ticks tell: about once a second, whatever the length of the run.
 */

/** ns since the origin, and the microseconds of processor time (user and system) that the process had used by then. */
export interface ProcessorTime {
  readonly at: number[];
  readonly micros: number[];
}

/** Ticks come ten times as often as anyone looks. */
const apartNs = 0.95e9;

/** Files of before it was recorded say 0, which no running process has. */
export function addProcessorTime({ at: times, micros: used }: ProcessorTime, at: number, micros: number): void {
  if (micros <= 0 || at - (times.at(-1) ?? Number.NEGATIVE_INFINITY) < apartNs) return;
  times.push(at);
  used.push(micros);
}
