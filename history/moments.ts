/**
 * The one place where times of two processes are compared. On one host they share CLOCK_MONOTONIC and the difference is
 * exact; between hosts, an offset and its error bound would enter here, and nowhere else.
 */

/** A point in the life of a process, ns since the origin of the run. */
export interface Moment {
  readonly at: number;
  readonly incarnation: number;
}

/** ns from one moment to another: negative when `to` came first. */
export const elapsedNs = (from: Moment, to: Moment): number => to.at - from.at;
