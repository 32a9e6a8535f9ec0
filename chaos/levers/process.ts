/** Reaches the processes that the run's supervisor started, and no other: a slot's holder is handed out with its start time. */
import { signal } from "../../std/process-identity.ts";
import type { ProcessLever } from "../contract.ts";

/** What the supervisor knows. */
export type ProcessRegistry = Pick<ProcessLever, "holder" | "replacement">;

export const processLever = ({ holder, replacement }: ProcessRegistry): ProcessLever => ({
  holder,
  replacement,
  signal,
});

/** In another process: the supervisor is gone, and nobody will start anything in its slots again. */
export const orphanedProcessLever: ProcessLever = processLever({
  holder: () => undefined,
  replacement: () => Promise.reject(new Error("the supervisor that kept the slots is gone")),
});
