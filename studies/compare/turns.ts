/**
 * How long a process has run, and how long it was ready while others had the processors: Linux tells both of a main thread,
 * to the nanosecond. With them the time that a busy machine takes away can be told from the time that a queue takes.
 */
import { readFileSync } from "node:fs";
import type { Turn, Turns } from "./messages.ts";

const unknown: Turn = { ran: 0, waited: 0 };

/** Since the process began; all 0 where the platform does not tell. */
function turnOf(pid: number | "self"): Turn {
  try {
    const [ran, waited] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ").map(Number);
    return ran === undefined || waited === undefined || Number.isNaN(ran + waited) ? unknown : { ran, waited };
  } catch {
    return unknown;
  }
}

export function turnsNow(broker: number | undefined): Turns {
  process.cpuUsage(); // makes the kernel count what this process has run since its last turn began; without it, it counts in ticks
  return { worker: turnOf("self"), broker: broker === undefined ? unknown : turnOf(broker) };
}

export const turnsSince = (from: Turns, to: Turns): Turns => ({
  worker: since(from.worker, to.worker),
  broker: since(from.broker, to.broker),
});

const since = (from: Turn, to: Turn): Turn => ({ ran: to.ran - from.ran, waited: to.waited - from.waited });

/**
 * The time that the work itself took, ns: without the waits for a processor, but never less than what one of the two ran.
 * The wait of the one may lie within the run of the other, so on a crowded machine this is closer to the least possible.
 */
export const undisturbed = (wallNs: number, { worker, broker }: Turns): number =>
  Math.max(worker.ran, broker.ran, wallNs - worker.waited - broker.waited);
