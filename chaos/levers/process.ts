/**
 * Reaches the processes that the run's supervisor started, and no other: a slot's holder is handed out with its start
 * time.
 */
import type { Resource } from "../../history/resource.ts";
import { signal } from "../../std/process-identity.ts";
import type { ProcessLever } from "../contract.ts";

/** What the supervisor knows and does. */
export interface ProcessRegistry extends Omit<ProcessLever, "signal"> {
  /** All slots that anybody ever held, such as `worker:2`. */
  allSlots(): readonly Resource[];
}

export const processLever = ({
  holder,
  replacement,
  keepOut,
  admit,
  clocks,
}: Omit<ProcessLever, "signal">): ProcessLever => ({
  holder,
  replacement,
  keepOut,
  admit,
  clocks,
  signal,
});

const gone = () => Promise.reject(new Error("the supervisor that kept the slots is gone"));

/** In another process: the supervisor is gone, and nobody will start anything in its slots again. */
export const orphanedProcessLever: ProcessLever = processLever({
  holder: () => undefined,
  replacement: gone,
  keepOut: () => {},
  admit: () => {},
  clocks: gone,
});
